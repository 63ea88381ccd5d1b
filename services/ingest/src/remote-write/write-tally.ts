export type Part = "samples" | "histograms" | "exemplars";
const PARTS: readonly Part[] = ["samples", "histograms", "exemplars"];

/** What a request held and what of it is left out. */
export class WriteTally {
  readonly sent: Record<Part, number> = { samples: 0, histograms: 0, exemplars: 0 };
  readonly refused: Record<Part, number> = { samples: 0, histograms: 0, exemplars: 0 };
  /** The first reason for leaving out a sample or histogram; exemplars are left out silently. */
  problem: string | undefined;

  /** @param name - of the metric, "" when it has none */
  refuse(part: Part, count: number, name: string, problem: string): void {
    if (count === 0) return;
    this.refused[part] += count;
    if (part !== "exemplars") this.problem ??= `${name === "" ? "a series" : `metric ${name.slice(0, 200)}`}: ${problem}`;
  }

  /** E.g. "3 of 10 samples and 1 of 2 histograms are refused, the rest is stored; the first: metric x: ..."; undefined when nothing is. */
  describe(): string | undefined {
    if (this.problem === undefined) return undefined;
    const parts = PARTS.filter((part) => this.refused[part] > 0).map((part) => `${this.refused[part]} of ${this.sent[part]} ${part}`);
    return `${parts.join(" and ")} are refused, the rest is stored; the first: ${this.problem}`;
  }
}
