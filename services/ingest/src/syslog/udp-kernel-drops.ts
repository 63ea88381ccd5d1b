import { readFile } from "node:fs/promises";

/*
 * /proc/net/udp: a line a socket; the second column is local address:port in hexadecimal, the last one the datagrams that
 * the kernel dropped because the socket's buffer was full.
 */

/** Datagrams that the kernel has dropped at the sockets of a local port since they were opened; 0 where there is no /proc. */
export async function udpKernelDrops(port: number): Promise<number> {
  const tables = await Promise.all(["/proc/net/udp", "/proc/net/udp6"].map((path) => readFile(path, "utf8").catch(() => "")));
  return tables.reduce((sum, table) => sum + dropsIn(table, port), 0);
}

/** The same in one such table. */
export function dropsIn(table: string, port: number): number {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  let drops = 0;
  for (const line of table.split("\n").slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns[1]?.endsWith(ending) === true) drops += Number(columns.at(-1)) || 0;
  }
  return drops;
}
