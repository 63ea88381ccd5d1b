import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { busyRatio, parseCpuTimes, parseDiskstats, parseMeminfo, parseMounts, parseNetDev, parseProcessStat } from "./proc-parsers.ts";

describe("parsers of /proc", () => {
  it("read what Linux writes", () => {
    const before = parseCpuTimes("cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2 3\n")!;
    const now = parseCpuTimes("cpu  150 0 60 830 60 0 0 0 0 0\n")!;
    expect(busyRatio(before, now)).toBeCloseTo(0.6, 9);
    expect(parseMeminfo("MemTotal:       24617000 kB\nMemAvailable:   20000000 kB\nHugePages_Total: 0\n").get("MemTotal")).toBe(24617000 * 1024);
    expect(parseNetDev("Inter-| Receive\n face |bytes\n    lo: 1 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0\n  eth0: 1000 5 2 0 0 0 0 0 2000 6 3 0 0 0 0 0\n")).toEqual([
      { device: "eth0", receivedBytes: 1000, receiveErrors: 2, sentBytes: 2000, sendErrors: 3 },
    ]);
    expect(parseDiskstats(" 254 0 vda 10 0 20 5 30 0 40 6 0 77 11\n 254 1 vda1 1 0 2 0 3 0 4 0 0 7 1\n   7 0 loop0 1 0 2 0 3 0 4 0 0 7 1\n")).toEqual([
      { device: "vda", readBytes: 20 * 512, writtenBytes: 40 * 512, busyMs: 77 },
    ]);
    expect(
      parseMounts("/dev/vda / ext4 rw 0 0\nproc /proc proc rw 0 0\n/dev/vdb /my\\040disk xfs rw 0 0\n/dev/vda /again ext4 rw 0 0\n").map(
        (mount) => mount.mountPoint,
      ),
    ).toEqual(["/", "/my disk"]);
    expect(parseProcessStat("42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 500 60 0 0 20 0 1 0 100 200000 300 1 1", 4096)).toEqual({
      pid: 42,
      name: "a (b) c",
      cpuTicks: 560,
      residentBytes: 300 * 4096,
    });
  });

  it("never throw, whatever they are given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const parse of [parseCpuTimes, parseMeminfo, parseNetDev, parseDiskstats, parseMounts]) expect(() => parse(text)).not.toThrow();
        expect(() => parseProcessStat(text, 4096)).not.toThrow();
      }),
    );
  });
});
