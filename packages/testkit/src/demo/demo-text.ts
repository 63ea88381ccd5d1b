import type { DemoResult, Moment } from "./demo-run.ts";

function moment(name: string, when: Moment | undefined): string {
  return `  ${name.padEnd(24)} ${when === undefined ? "-" : `${when.simulated} s of the estate's time, ${when.wall} s of yours`}`;
}

/** The end of a run: what was injected, what was said, and whether that is right. */
export function verdictText({ truth, fault, named, right, firingAlert, namedCause, notification }: DemoResult): string {
  const injected = truth.entity === undefined ? `${fault}: nobody's fault` : `${fault} on ${truth.entity} (${truth.mode?.replaceAll("_", " ")})`;
  const cause = named?.report?.causes[0];
  return [
    `injected   ${injected}`,
    `named      ${cause === undefined ? "no cause" : `${cause.entity} (${cause.mode.replaceAll("_", " ")})`}`,
    "from the fault to",
    moment("the first firing alert", firingAlert),
    moment("the named cause", namedCause),
    moment("the notification", notification),
    right ? "RIGHT" : "WRONG",
  ].join("\n");
}
