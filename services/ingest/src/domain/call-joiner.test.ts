import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CalleeEnd, type CallerEnd, CallJoiner, WAIT_MS } from "./call-joiner.ts";
import { CallNames } from "./call-names.ts";

/** Places 0..4: three services, two of them at two sites. */
function names(): CallNames {
  const made = new CallNames();
  for (const [service, site] of [
    ["a", "x"],
    ["b", "x"],
    ["b", "y"],
    ["c", "y"],
    ["a", "y"],
  ] as const)
    made.place({ department: "d", tier: "core", service, site });
  for (const [name, kind] of [
    ["pg", "database"],
    ["topic", "queue"],
    ["bank", "external"],
  ] as const)
    made.callee(name, kind, "");
  return made;
}
const DATABASE = 0;
const PEERS = 3;

interface Call {
  readonly trace: number;
  readonly span: number;
  /** How often the caller was sent; 0 = it never comes. */
  readonly copies: number;
  readonly caller: Omit<CallerEnd, "isLate" | "isDatabase">;
  readonly callees: readonly Omit<CalleeEnd, "isLate">[];
}
type End = { readonly call: Call; readonly callee: Omit<CalleeEnd, "isLate"> | undefined };

const place = fc.nat(4);
const call = fc.record({
  trace: fc.nat(2),
  span: fc.nat(40),
  copies: fc.constantFrom(0, 1, 1, 1, 2),
  caller: fc.record({
    place,
    peer: fc.integer({ min: -1, max: PEERS - 1 }),
    minute: fc.nat(2),
    durationUs: fc.nat(1e9),
    failed: fc.boolean(),
  }),
  callees: fc.array(fc.record({ place, minute: fc.nat(2), failed: fc.boolean(), isConsumer: fc.boolean() }), { maxLength: 3 }),
});
const calls = fc.uniqueArray(call, { maxLength: 60, selector: ({ trace, span }) => 100 * trace + span });
const endsOf = (all: readonly Call[]): End[] =>
  all.flatMap((one) => [...Array<End>(one.copies).fill({ call: one, callee: undefined }), ...one.callees.map((callee) => ({ call: one, callee }))]);

function take(joiner: CallJoiner, { call: one, callee }: End, isLate = false): void {
  joiner.key.set([one.trace, 7, 7, 7, one.span, 1]);
  if (callee === undefined) joiner.caller({ ...one.caller, isLate, isDatabase: one.caller.peer === DATABASE });
  else joiner.callee({ ...callee, isLate });
}

const sorted = (rows: readonly (readonly (string | number)[])[]) => rows.map((row) => row.join(" ")).sort();

/** The longest of calls to a database cannot be taken back: told of other kinds only. */
const longestTold = (kind: string, longestUs: number) => (kind === "database" ? "" : longestUs);

function sumsOf(joiner: CallJoiner, known: CallNames) {
  const { sums } = joiner;
  return sorted(
    Array.from({ length: sums.size }, (_, i) => {
      const from = known.places[sums.caller[i]!]!;
      const to = known.callees[sums.callee[i]!]!;
      return [
        from.service,
        from.site,
        to.name,
        to.kind,
        to.site,
        sums.minute[i]!,
        sums.calls[i]!,
        sums.errors[i]!,
        sums.durationUs[i]!,
        longestTold(to.kind, sums.longestUs[i]!),
      ];
    }).filter(([, , , , , , calls]) => calls !== 0),
  );
}

/** All at once, by the words of the rule. */
function reference(all: readonly Call[], known: CallNames) {
  const sums = new Map<string, { calls: number; errors: number; durationUs: number; longestUs: number }>();
  const count = (one: Call, to: readonly string[], failed: boolean): void => {
    const from = known.places[one.caller.place]!;
    const key = [from.service, from.site, ...to, one.caller.minute].join(" ");
    const sum = sums.get(key) ?? { calls: 0, errors: 0, durationUs: 0, longestUs: 0 };
    sum.calls++;
    sum.errors += Number(failed);
    sum.durationUs += one.caller.durationUs;
    sum.longestUs = Math.max(sum.longestUs, one.caller.durationUs);
    sums.set(key, sum);
  };
  for (const one of all.filter(({ copies }) => copies > 0)) {
    const { service } = known.places[one.caller.place]!;
    for (const callee of one.callees) {
      const to = known.places[callee.place]!;
      if (to.service !== service) count(one, [to.service, "service", to.site], one.caller.failed || callee.failed);
    }
    const peer = known.callees[one.caller.peer];
    if (one.callees.length === 0 && peer !== undefined) count(one, [peer.name, peer.kind, peer.site], one.caller.failed);
  }
  return [...sums].map(([key, sum]) => [key, sum.calls, sum.errors, sum.durationUs, longestTold(key.split(" ")[3]!, sum.longestUs)].join(" ")).sort();
}

describe("the join of calls", () => {
  it("gives the sums of a join of everything at once, whatever the order of the ends and the batches they come in", () => {
    fc.assert(
      fc.property(calls, fc.infiniteStream(fc.nat(1e6)), fc.integer({ min: 1, max: 9 }), fc.nat(), (all, order, batch, seed) => {
        const known = names();
        const joiner = new CallJoiner(known, seed);
        const ends = endsOf(all)
          .map((end) => ({ end, at: order.next().value as number }))
          .sort((one, other) => one.at - other.at);
        const stepMs = (WAIT_MS - 1) / (1 + ends.length);
        ends.forEach(({ end }, i) => {
          if (i % batch === 0) joiner.advance(i * stepMs);
          take(joiner, end);
        });
        joiner.advance(2 * WAIT_MS);
        joiner.advance(4 * WAIT_MS);
        expect(sumsOf(joiner, known)).toEqual(reference(all, known));
      }),
      { numRuns: 500 },
    );
  });

  it("waits for an end at least 20 s, also over the turn of its tables, and gives a caller up to its peer after twice that", () => {
    const known = names();
    const joiner = new CallJoiner(known, 1);
    const one: Call = { trace: 1, span: 1, copies: 1, caller: { place: 0, peer: 2, minute: 5, durationUs: 9, failed: false }, callees: [] };
    const late = { ...one, span: 2 };
    joiner.advance(0);
    take(joiner, { call: one, callee: undefined });
    joiner.advance(WAIT_MS - 1);
    take(joiner, { call: late, callee: undefined });
    joiner.advance(2 * WAIT_MS - 2);
    take(joiner, { call: late, callee: { place: 3, minute: 5, failed: true, isConsumer: false } });
    expect(sumsOf(joiner, known)).toEqual(["a x c service y 5 1 1 9 9"]);
    joiner.advance(2 * WAIT_MS);
    expect(sumsOf(joiner, known)).toEqual(["a x bank external  5 1 0 9 9", "a x c service y 5 1 1 9 9"]);
    joiner.advance(9 * WAIT_MS);
    expect(sumsOf(joiner, known)).toHaveLength(2);
  });

  it("counts the call of a database at once, and takes it back when the database turns out to have spans", () => {
    const known = names();
    const joiner = new CallJoiner(known, 1);
    const one: Call = { trace: 1, span: 1, copies: 1, caller: { place: 0, peer: DATABASE, minute: 5, durationUs: 9, failed: true }, callees: [] };
    joiner.advance(0);
    take(joiner, { call: one, callee: undefined });
    take(joiner, { call: { ...one, span: 2 }, callee: undefined });
    take(joiner, { call: one, callee: undefined });
    expect(sumsOf(joiner, known)).toEqual(["a x pg database  5 2 2 18 "]);
    joiner.sums.clear();
    const callee = { place: 3, minute: 5, failed: false, isConsumer: false };
    for (let copy = 0; copy < 2; copy++) take(joiner, { call: one, callee });
    expect(sumsOf(joiner, known)).toEqual(["a x c service y 5 2 2 18 9", "a x pg database  5 -1 -1 -9 "]);
    joiner.advance(2 * WAIT_MS);
    joiner.advance(4 * WAIT_MS);
    expect(sumsOf(joiner, known)).toHaveLength(2);
  });

  it("does not join spans of two traces that share an id", () => {
    const known = names();
    const joiner = new CallJoiner(known, 1);
    joiner.advance(0);
    joiner.key.set([1, 2, 3, 4, 5, 6]);
    joiner.caller({ place: 0, peer: -1, minute: 0, durationUs: 1, failed: false, isDatabase: false, isLate: false });
    for (let lane = 0; lane < 6; lane++) {
      joiner.key.set([1, 2, 3, 4, 5, 6]);
      joiner.key[lane]! ^= 0x80000000;
      joiner.callee({ place: 3, minute: 0, failed: false, isConsumer: false, isLate: false });
    }
    expect(joiner.sums.size).toBe(0);
  });

  it("doubts the minutes of late ends that stay alone in their batch, and no others", () => {
    const joiner = new CallJoiner(names(), 1);
    const one = (span: number, minute: number): Call => {
      return { trace: 1, span, copies: 1, caller: { place: 0, peer: 2, minute, durationUs: 1, failed: false }, callees: [] };
    };
    const callee = { place: 3, minute: 50, failed: false, isConsumer: false };
    joiner.advance(0);
    take(joiner, { call: one(1, 10), callee: undefined }, true);
    take(joiner, { call: one(2, 20), callee: undefined }, true);
    take(joiner, { call: one(2, 20), callee }, true);
    take(joiner, { call: one(3, 30), callee }, true);
    take(joiner, { call: one(3, 30), callee: undefined }, true);
    take(joiner, { call: one(4, 40), callee }, true);
    take(joiner, { call: one(5, 60), callee: undefined });
    joiner.settle();
    expect([...joiner.doubtful].sort((a, b) => a - b)).toEqual([10, 49, 50]);
  });

  it("stays bounded under a flood of ends that never meet, and doubts what it had to give up early", () => {
    const joiner = new CallJoiner(names(), 12345);
    joiner.advance(0);
    const caller = { place: 0, peer: 2, minute: 7, durationUs: 1, failed: false, isDatabase: false, isLate: false };
    for (let span = 0; span < 700_000; span++) {
      joiner.key.set([1, 2, 3, 4, 0, span]);
      joiner.caller(caller);
    }
    expect([...joiner.doubtful]).toEqual([7]);
    joiner.advance(WAIT_MS);
    joiner.advance(3 * WAIT_MS);
    expect(joiner.sums.calls[0]).toBe(700_000);
  });

  it("gives up all at once when told to: what waits counts as far as it is known, and the minutes of all are doubted", () => {
    const joiner = new CallJoiner(names(), 1);
    const one = (span: number, peer: number, minute: number): Call => {
      return { trace: 1, span, copies: 1, caller: { place: 0, peer, minute, durationUs: 1, failed: false }, callees: [] };
    };
    const callee = { place: 3, minute: 40, failed: false, isConsumer: false };
    joiner.advance(0);
    take(joiner, { call: one(1, 2, 10), callee: undefined });
    take(joiner, { call: one(2, DATABASE, 20), callee: undefined });
    take(joiner, { call: one(3, 2, 30), callee: undefined });
    take(joiner, { call: one(3, 2, 30), callee });
    joiner.advance(WAIT_MS); // those above are the older ones now
    take(joiner, { call: one(4, 2, 40), callee });
    expect([joiner.sums.size, joiner.doubtful.size]).toEqual([2, 0]);
    joiner.giveUp();
    expect([...joiner.doubtful].sort((a, b) => a - b)).toEqual([10, 20, 30, 39, 40]);
    expect(joiner.sums.calls.subarray(0, joiner.sums.size).reduce((sum, calls) => sum + calls, 0)).toBe(3);
    take(joiner, { call: one(1, 2, 10), callee });
    expect(joiner.sums.size).toBe(3);
  });

  it("holds no more than so many callees that all name one caller", () => {
    const joiner = new CallJoiner(names(), 1);
    joiner.advance(0);
    joiner.key.set([1, 1, 1, 1, 1, 1]);
    for (let i = 0; i < 300_000; i++) joiner.callee({ place: 3, minute: 0, failed: false, isConsumer: false, isLate: false });
    joiner.caller({ place: 0, peer: 2, minute: 0, durationUs: 1, failed: false, isDatabase: false, isLate: false });
    expect([joiner.sums.calls[0], [...joiner.doubtful]]).toEqual([65_537, [-1, 0]]);
  });
});
