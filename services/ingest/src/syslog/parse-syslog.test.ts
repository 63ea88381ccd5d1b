import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ZoneClock } from "../log-door/zone-clock.ts";
import { parseSyslog } from "./parse-syslog.ts";

const shanghai = new ZoneClock("Asia/Shanghai");
const receivedMs = Date.parse("2026-11-26T06:00:05Z");
const parse = (text: string, atMs = receivedMs) => parseSyslog(text, shanghai, atMs);
const iso = (timeMs: number | undefined): string => (timeMs === undefined ? "none" : new Date(timeMs).toISOString());

/** Text, then: facility, severity, time (UTC), host, app, procid, msgid, body. */
const MESSAGES: [string, string, ...unknown[]][] = [
  [
    "RFC 5424 §6.5 example 1",
    "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed for lonvick on /dev/pts/8",
    4,
    2,
    "2003-10-11T22:14:15.003Z",
    "mymachine.example.com",
    "su",
    "",
    "ID47",
    "'su root' failed for lonvick on /dev/pts/8",
  ],
  [
    "RFC 5424 §6.5 example 2",
    "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
    20,
    5,
    "2003-08-24T12:14:15.000Z",
    "192.0.2.1",
    "myproc",
    "8710",
    "",
    "%% It's time to make the do-nuts.",
  ],
  ["RFC 5424 of nils", "<14>1 - - - - - -", 1, 6, "none", "", "", "", "", ""],
  [
    "RFC 3164 §5.4 example 1",
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    4,
    2,
    "2026-10-11T14:14:15.000Z",
    "mymachine",
    "su",
    "",
    "",
    "'su root' failed for lonvick on /dev/pts/8",
  ],
  [
    "RFC 3164 with a pid and a day of one digit",
    "<86>Nov  6 14:00:00 host sshd[123]: Accepted",
    10,
    6,
    "2026-11-06T06:00:00.000Z",
    "host",
    "sshd",
    "123",
    "",
    "Accepted",
  ],
  ["without a host", "<30>Nov 26 14:00:00 systemd[1]: Started", 3, 6, "2026-11-26T06:00:00.000Z", "", "systemd", "1", "", "Started"],
  ["rsyslog's forward format", "<13>2026-11-26T14:00:00.123456+08:00 h1 app: 你好", 1, 5, "2026-11-26T06:00:00.123Z", "h1", "app", "", "", "你好"],
  ["an IPv6 address as host", "<13>Nov 26 14:00:00 2001:db8::1 app: x", 1, 5, "2026-11-26T06:00:00.000Z", "2001:db8::1", "app", "", "", "x"],
  [
    "Cisco with a number and a clock not set",
    "<189>45: *Nov 26 14:00:00.123: %SYS-5-CONFIG_I: Configured from console",
    23,
    5,
    "2026-11-26T06:00:00.123Z",
    "",
    "",
    "",
    "SYS-5-CONFIG_I",
    "%SYS-5-CONFIG_I: Configured from console",
  ],
  [
    "Cisco in UTC with a name",
    "<187>46: core-sw1: Nov 26 2026 06:00:00 UTC: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
    23,
    3,
    "2026-11-26T06:00:00.000Z",
    "core-sw1",
    "",
    "",
    "LINK-3-UPDOWN",
    "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
  ],
  [
    "Huawei",
    "<188>Nov 26 2026 14:00:00 SZ-CORE %%01IFNET/4/LINK_STATE(l)[123]:The line protocol has entered the DOWN state.",
    23,
    4,
    "2026-11-26T06:00:00.000Z",
    "SZ-CORE",
    "",
    "",
    "IFNET/4/LINK_STATE",
    "%%01IFNET/4/LINK_STATE(l)[123]:The line protocol has entered the DOWN state.",
  ],
  [
    "Huawei with its zone",
    "<188>Nov 26 2026 07:00:00+01:00 SZ %%01SSH/4/X(s):y",
    23,
    4,
    "2026-11-26T06:00:00.000Z",
    "SZ",
    "",
    "",
    "SSH/4/X",
    "%%01SSH/4/X(s):y",
  ],
  [
    "H3C",
    "<189>Nov 26 14:00:00 2026 H3C %%10IFNET/3/LINK_UPDOWN: GE1/0/1 is down",
    23,
    5,
    "2026-11-26T06:00:00.000Z",
    "H3C",
    "",
    "",
    "IFNET/3/LINK_UPDOWN",
    "%%10IFNET/3/LINK_UPDOWN: GE1/0/1 is down",
  ],
  ["no PRI", "Nov 26 14:00:00 h1 cron[9]: run", undefined, undefined, "2026-11-26T06:00:00.000Z", "h1", "cron", "9", "", "run"],
  ["a PRI out of range", "<192>hello", undefined, undefined, "none", "", "", "", "", "<192>hello"],
  ["no header at all", "<13>disk is full", 1, 5, "none", "", "", "", "", "disk is full"],
  ["a time that is none", "<13>Feb 30 25:00:00 h1 app: x", 1, 5, "none", "h1", "app", "", "", "x"],
  ["structured data that breaks off", '<13>1 2026-11-26T06:00:00Z h1 app 1 m [a b="c', 1, 5, "2026-11-26T06:00:00.000Z", "h1", "app", "1", "m", '[a b="c'],
];

it.each(MESSAGES)("reads %s", (_name: string, text: string, ...want: unknown[]) => {
  const { facility, severity, timeMs, hostname, appName, procId, msgId, body } = parse(text);
  expect([facility, severity, iso(timeMs), hostname, appName, procId, msgId, body]).toEqual(want);
});

describe("structured data", () => {
  it.each([
    [
      '[exampleSDID@32473 iut="3" eventSource="Application"][examplePriority@32473 class="high"]',
      [
        ["exampleSDID@32473.iut", "3"],
        ["exampleSDID@32473.eventSource", "Application"],
        ["examplePriority@32473.class", "high"],
      ],
    ],
    ['[a b="say \\"\\]\\\\ \\n 你好"]', [["a.b", 'say "]\\ \\n 你好']]],
    ["[timeQuality]", []],
  ])("reads %s", (data, want) => expect(parse(`<13>1 - h a p m ${data} text`)).toMatchObject({ parameters: want, body: "text" }));

  it("counts what is beyond 64 parameters", () => {
    const data = `[a ${Array.from({ length: 70 }, (_, i) => `p${i}="v"`).join(" ")}]`;
    expect(parse(`<13>1 - h a p m ${data}`)).toMatchObject({ parameters: { length: 64 }, droppedParameters: 6 });
  });
});

describe("a time without a year", () => {
  it.each([
    ["old year's message in the new year", "<13>Dec 31 23:59:58 h a: x", "2027-01-01T00:00:03+08:00", "2026-12-31T15:59:58.000Z"],
    ["a clock ahead of ours at the turn", "<13>Jan  1 00:00:02 h a: x", "2026-12-31T23:59:58+08:00", "2026-12-31T16:00:02.000Z"],
    ["a clock in UTC while it is next year here", "<13>Dec 31 16:00:00 UTC: %A-1-B: x", "2027-01-01T00:00:01+08:00", "2026-12-31T16:00:00.000Z"],
    ["29 February of a leap year", "<13>Feb 29 12:00:00 h a: x", "2028-02-29T12:00:01+08:00", "2028-02-29T04:00:00.000Z"],
    ["29 February where none is near", "<13>Feb 29 12:00:00 h a: x", "2026-11-26T00:00:00+08:00", "none"],
  ])("%s", (_name, text, received, want) => expect(iso(parse(text, Date.parse(received)).timeMs)).toBe(want));

  it("lies within half a year of its reception, to the day", () => {
    const times = fc.integer({ min: Date.parse("2020-03-01T00:00:00Z"), max: Date.parse("2030-01-01T00:00:00Z") });
    fc.assert(
      fc.property(times, fc.integer({ min: -180, max: 180 }), (received, days) => {
        const sent = Math.floor((received + days * 86_400_000) / 1000) * 1000;
        const [, day, month, , clock] = new Date(sent + 8 * 3_600_000).toUTCString().split(" ");
        const text = `${month} ${String(Number(day)).padStart(2)} ${clock}`;
        expect(iso(parse(`<13>${text} h a: x`, received).timeMs)).toBe(iso(sent));
      }),
    );
  });
});

describe("whatever comes", () => {
  const pieces = fc.constantFrom(
    "<13>",
    "<1",
    "1 ",
    "-",
    " ",
    "[",
    "]",
    '"',
    "\\",
    "=",
    ":",
    "%",
    "%%01A/1/B",
    "Nov 26 14:00:00",
    "2026-11-26T06:00:00Z",
    "\n",
    "\0",
    "核心",
    "host",
    "a[1]:",
  );
  const junk = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(pieces, { maxLength: 40 }).map((all) => all.join("")),
  );

  it("never fails, and keeps a text that it does not understand", () => {
    fc.assert(
      fc.property(junk, (text) => {
        const message = parse(text);
        expect(text).toContain(message.body);
        expect(text).toContain(message.hostname);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["[", '[a b="', "[a ", "a ", "%%01", "<", "1: ", "A-1-", " ", "\\", "2026-", "Nov  1 0"])("takes 64 KiB of %j in the time of a line", (piece) => {
    // A parser with a quadratic step would take minutes, and the test's time is up long before.
    for (const lead of ["", "<13>", "<13>1 - h a p m ", "<13>Nov 26 14:00:00 "]) {
      expect(parse(lead + piece.repeat(Math.ceil(65_536 / piece.length))).body).toBeDefined();
    }
  });
});
