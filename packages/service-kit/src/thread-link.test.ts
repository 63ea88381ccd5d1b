import { MessageChannel } from "node:worker_threads";
import { YunweiError } from "@yunwei/schemas";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { linkThreads, type ThreadLink } from "./thread-link.ts";

interface Calls {
  sum(a: number, b: number): Promise<number>;
  fail(): Promise<void>;
  failPlainly(): Promise<void>;
  echo(value: unknown): Promise<unknown>;
  never(): Promise<void>;
}

describe("two linked threads", () => {
  let channel: MessageChannel;
  let link: ThreadLink<Calls>;
  beforeEach(() => {
    channel = new MessageChannel();
    linkThreads<object>(channel.port2, {
      sum: (a: number, b: number) => a + b,
      fail: () => {
        throw new YunweiError("YUNWEI_CONFLICT", "replayed already", { details: { by: "ops" } });
      },
      failPlainly: async () => {
        throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      },
      echo: (value: unknown) => value,
      never: () => new Promise(() => undefined),
    });
    link = linkThreads<Calls>(channel.port1, {});
  });
  afterEach(() => channel.port1.close());

  it("answer each other, with bytes and nothing as they are", async () => {
    expect(await link.remote.sum(2, 3)).toBe(5);
    expect(await link.remote.echo({ bytes: Uint8Array.of(1, 2), nothing: undefined })).toEqual({ bytes: Uint8Array.of(1, 2), nothing: undefined });
    expect(await link.remote.echo(undefined)).toBeUndefined();
  });

  it("hand on errors with their code", async () => {
    const error = await link.remote.fail().then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(YunweiError);
    expect(error).toMatchObject({ code: "YUNWEI_CONFLICT", status: 409, message: "replayed already", details: { by: "ops" } });
    await expect(link.remote.failPlainly()).rejects.toMatchObject({ code: "ENOSPC", message: "no space left" });
  });

  it("leave nobody waiting when one is gone", async () => {
    const waiting = link.remote.never();
    link.close(new Error("the thread has ended"));
    await expect(waiting).rejects.toThrow("the thread has ended");
    await expect(link.remote.sum(1, 1)).rejects.toThrow();
  });
});
