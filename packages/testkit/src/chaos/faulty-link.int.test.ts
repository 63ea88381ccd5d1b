import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FaultyLink } from "./faulty-link.ts";

const echo = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.pipe(socket);
});
let link: FaultyLink;
beforeAll(async () => {
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  link = await FaultyLink.open((echo.address() as AddressInfo).port);
});
afterAll(async () => {
  await link.close();
  echo.close();
});

async function open(): Promise<Socket & { got: string }> {
  const socket = Object.assign(connect(link.port, "127.0.0.1"), { got: "" });
  socket.on("error", () => undefined);
  socket.setEncoding("utf8").on("data", (text: string) => {
    socket.got += text;
  });
  await once(socket, "connect");
  return socket;
}

/** Also with an error before, as a reset is one. */
const ended = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once("close", () => resolve()));

it("passes bytes both ways, many of them", async () => {
  const socket = await open();
  const text = "0123456789".repeat(300_000);
  socket.write(text);
  await expect.poll(() => socket.got.length, { timeout: 10_000 }).toBe(text.length);
  socket.destroy();
});

it("holds back what is sent over a stalled link until it is whole again", async () => {
  const socket = await open();
  link.cut("stall");
  socket.write("late");
  const second = await open();
  second.write("later");
  await sleep(200);
  expect([socket.got, second.got]).toEqual(["", ""]);
  link.heal();
  await expect.poll(() => [socket.got, second.got], { timeout: 5_000 }).toEqual(["late", "later"]);
  socket.destroy();
  second.destroy();
});

it("resets what is connected, and whoever comes until it is whole again", async () => {
  const socket = await open();
  const closed = ended(socket);
  link.cut("reset");
  await closed;
  const refused = connect(link.port, "127.0.0.1");
  refused.on("error", () => undefined);
  await ended(refused);
  link.heal();
  const again = await open();
  again.write("here");
  await expect.poll(() => again.got, { timeout: 5_000 }).toBe("here");
  again.destroy();
});
