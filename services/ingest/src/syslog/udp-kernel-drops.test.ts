import { expect, it } from "vitest";
import { dropsIn } from "./udp-kernel-drops.ts";

const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  101: 00000000:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12345 2 0000000000000000 17
  102: 0100007F:1202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12346 2 0000000000000000 5
  103: 0200007F:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12347 2 0000000000000000 3
`;

it.each([
  [TABLE, 514, 20],
  [TABLE, 4610, 5],
  [TABLE, 515, 0],
  ["", 514, 0],
  ["torn\n 1: x", 514, 0],
])("counts the drops of a port", (table, port, want) => expect(dropsIn(table, port)).toBe(want));
