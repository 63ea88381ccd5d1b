import { connect } from "node:net";

/** ApiVersions v0 (key 18) with correlation id 1 and no client id: the one request that every broker of every version answers. */
const REQUEST = Buffer.from("0000000a001200000000" + "0001" + "ffff", "hex");
const CORRELATION_ID = 1;

/** Whether a broker at the port completes a request within `limitMs`; an open port alone is not yet a broker. */
export function answersKafka(port: number, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: limitMs });
    let answer = Buffer.alloc(0);
    const end = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.once("connect", () => socket.write(REQUEST));
    socket.on("data", (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= 10) end(answer.readInt32BE(4) === CORRELATION_ID && answer.readInt16BE(8) === 0);
    });
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}
