import { seededRandom } from "@yunwei/series";
import { describe, expect, it } from "vitest";
import { traceBlocks } from "./draw-traces.ts";
import { KIND, poolBetween, type TracePool, tracePool } from "./trace-pool.ts";

const HEADER = "TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration";
const trace = (n: number): string => n.toString(16).padStart(32, "0");
const span = (n: number): string => n.toString(16).padStart(16, "0");
const nano = (ms: number): string => `${ms}000000`;

/** A request: frontend serves, calls the cart, which asks its database and does something by itself. */
function request(n: number, startMs: number): string[] {
  const rows: [id: number, parent: string, pod: string, name: string, from: number, to: number][] = [
    [1, "root", "front-579b9bff58-t2dbm", "GET /", 0, 100],
    [2, span(n * 16 + 1), "front-579b9bff58-t2dbm", "GetCart", 10, 90],
    [3, span(n * 16 + 2), "cart-579f59597d-wc2lz", "GetCart", 20, 80],
    [4, span(n * 16 + 3), "cart-579f59597d-wc2lz", "SELECT shop.cart", 30, 40],
    [5, span(n * 16 + 3), "cart-579f59597d-wc2lz", "render", 50, 60],
  ];
  return rows.map(([id, parent, pod, name, from, to]) =>
    [trace(n), span(n * 16 + id), parent, pod, name, nano(startMs + from), nano(startMs + to), 1].join(","),
  );
}

const poolOf = (...starts: number[]): TracePool => tracePool([[HEADER, ...starts.flatMap((ms, i) => request(i + 1, ms))].join("\n")], new Map())!;

describe("tracePool", () => {
  it("tells kinds by where parents and children ran", () => {
    const [one] = poolOf(1_000).traces;
    expect(one!.spans.map(({ kind, peer }) => [kind, peer])).toEqual([
      [KIND.server, ""],
      [KIND.client, ""],
      [KIND.server, ""],
      [KIND.client, "shop-db"],
      [KIND.internal, ""],
    ]);
    expect(one!.spans[2]!.parent).toEqual([0, 18]);
    expect(one!.spans[0]!.parent).toBeUndefined();
  });

  it("counts a span that is in two files once, and leaves out what is no span", () => {
    const file = [HEADER, ...request(1, 1000), "nonsense,x,root,p,o,1,2,3"].join("\n");
    expect(tracePool([file, file], new Map())!.traces.map(({ spans }) => spans.length)).toEqual([5]);
    expect(tracePool([HEADER], new Map())).toBeUndefined();
  });
});

describe("traceBlocks", () => {
  const pool = poolOf(...Array.from({ length: 40 }, (_, i) => 1_000_000 + i * 1_500));

  it("gives recorded traces as they are", () => {
    const part = poolBetween(pool, 1_000_000, 1_003_001)!;
    const blocks = [...traceBlocks({ pool: part, fromMs: part.fromMs, toMs: part.toMs, drawn: false }, seededRandom(1))];
    expect(blocks).toHaveLength(1);
    expect(blocks[0]!.spans).toHaveLength(15);
    expect(blocks[0]!.spans.map(({ id, startMs }) => [id, startMs])).toEqual(part.traces.flatMap(({ spans }) => spans.map(({ id, startMs }) => [id, startMs])));
  });

  it("fills a stretch with whole traces at the pool's rate, each id once, parents kept", () => {
    const segment = { pool, fromMs: 5_000_000, toMs: 5_600_000, drawn: true };
    const spans = [...traceBlocks(segment, seededRandom(7))].flatMap((block) => block.spans);
    const traces = new Set(spans.map(({ trace: id }) => String(id)));
    expect(traces.size).toBeGreaterThan(350);
    expect(traces.size).toBeLessThanOrEqual(400);
    expect(spans.length).toBe(5 * traces.size);
    const ids = new Set(spans.map(({ id, trace: of }) => `${of}/${id}`));
    expect(ids.size).toBe(spans.length);
    for (const { parent, trace: of, startMs } of spans) {
      if (parent !== undefined) expect(ids.has(`${of}/${parent}`)).toBe(true);
      expect(startMs).toBeGreaterThanOrEqual(segment.fromMs);
    }
  });

  it("draws the same for the same seed", () => {
    const segment = { pool, fromMs: 5_000_000, toMs: 5_060_000, drawn: true };
    const draw = (seed: number): string => JSON.stringify([...traceBlocks(segment, seededRandom(seed))].map((block) => block.spans.map(({ id }) => id)));
    expect(draw(3)).toBe(draw(3));
    expect(draw(3)).not.toBe(draw(4));
  });
});
