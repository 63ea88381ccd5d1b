import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reportOf } from "../../incident.test-data.ts";
import { layOut, NODE_HEIGHT, NODE_WIDTH, pathOf } from "./graph-layout.ts";

const { graph } = reportOf(0);

describe("layOut", () => {
  it("puts the cause before what it reached, and turns edges to the way of the failure", () => {
    const { nodes, edges, width } = layOut(graph, "LR");
    const at = (entity: string) => nodes.find((node) => node.entity === entity)!;
    expect(at("database:order-db").x).toBeLessThan(at("service:order").x);
    expect(at("service:order").x).toBeLessThan(at("service:gov-portal").x);
    expect(edges).toContainEqual(expect.objectContaining({ from: "database:order-db", to: "service:order", relation: "calls" }));
    expect(edges).toContainEqual(expect.objectContaining({ from: "instance:order/o-1", to: "service:order", relation: "instance_of" }));
    for (const node of nodes) expect(node.x + NODE_WIDTH).toBeLessThanOrEqual(width);
  });

  it("stands upright on a narrow screen, and is the same every time", () => {
    const { nodes } = layOut(graph, "TB");
    const at = (entity: string) => nodes.find((node) => node.entity === entity)!;
    expect(at("database:order-db").y + NODE_HEIGHT).toBeLessThan(at("service:order").y);
    expect(layOut(graph, "TB")).toEqual(layOut(graph, "TB"));
  });

  it("law: any graph is placed, cycles, loops and loose ends too, and no two nodes overlap", () => {
    const name = fc.integer({ min: 0, max: 14 }).map((i) => `service:s${i}`);
    const edge = fc.record({ from: name, to: name, relation: fc.constantFrom("calls", "runs_on", "affects") });
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1 }), fc.array(edge, { maxLength: 40 }), (names, edges) => {
        const { nodes } = layOut({ nodes: names.map((entity) => ({ entity, site: "", role: "between" as const, score: 0 })), edges }, "LR");
        const apart = (a: (typeof nodes)[number], b: (typeof nodes)[number]) => Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT;
        return nodes.length === names.length && nodes.every((a, i) => Number.isFinite(a.x) && nodes.slice(i + 1).every((b) => apart(a, b)));
      }),
      { numRuns: 40 },
    );
  });
});

describe("pathOf", () => {
  it("goes from the first point to the last", () => {
    expect(pathOf([])).toBe("");
    expect(pathOf([{ x: 1, y: 2 }])).toBe("");
    expect(
      pathOf([
        { x: 1, y: 2 },
        { x: 3, y: 4 },
      ]),
    ).toBe("M1,2 L3,4");
    expect(
      pathOf([
        { x: 0, y: 0 },
        { x: 5, y: 5 },
        { x: 9, y: 1 },
      ]),
    ).toBe("M0,0 Q5,5 9,1");
  });
});
