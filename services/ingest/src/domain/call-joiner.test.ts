import fc from "fast-check";
import { expect, it } from "vitest";
import { CallJoiner, type SpanEnd } from "./call-joiner.ts";

const end = (service: string, over: Partial<SpanEnd> = {}): SpanEnd => ({
  service,
  site: `${service}-site`,
  tier: "core",
  department: "d",
  trace: 1n,
  startMs: 0,
  durationMs: 5,
  failed: false,
  peer: "",
  asynchronous: false,
  ...over,
});

it("finds every call whatever the order and the batches its ends come in", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...Array(40).keys()], { minLength: 40 }), fc.integer({ min: 1, max: 7 }), (order, batch) => {
      const joiner = new CallJoiner();
      const found: string[] = [];
      order.forEach((step, position) => {
        const call = BigInt(step >> 1) + 1n;
        if (step % 2 === 0) joiner.caller(call, end(`a${call}`), position);
        else joiner.callee(call, end(`b${call}`), position);
        if (position % batch === 0) found.push(...joiner.take(position).map((one) => `${one.src}>${one.dst}`));
      });
      found.push(...joiner.take(100).map((one) => `${one.src}>${one.dst}`));
      expect(found.sort()).toEqual(Array.from({ length: 20 }, (_, i) => `a${i + 1}>b${i + 1}`).sort());
    }),
  );
});

it("tells a call to something without spans by the name its caller gave, after waiting", () => {
  const joiner = new CallJoiner();
  joiner.caller(1n, end("web", { peer: "pg", failed: true }), 0);
  joiner.caller(2n, end("web", { peer: "topic", asynchronous: true }), 0);
  joiner.caller(3n, end("web"), 0);
  expect(joiner.take(1_000)).toEqual([]);
  expect(joiner.take(20_000).map((call) => [call.dst, call.dstKind, call.failed])).toEqual([
    ["pg", "external", true],
    ["topic", "queue", false],
  ]);
});

it("does not join spans of two traces that share an id, nor a service with itself", () => {
  const joiner = new CallJoiner();
  joiner.caller(1n, end("a", { trace: 1n }), 0);
  joiner.callee(1n, end("b", { trace: 2n }), 0);
  joiner.caller(5n, end("same"), 0);
  joiner.callee(5n, end("same"), 0);
  expect(joiner.take(20_000)).toEqual([]);
});
