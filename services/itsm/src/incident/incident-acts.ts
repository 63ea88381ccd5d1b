import { type TObject, Type } from "typebox";
import type { IncidentEvent } from "./incident-lifecycle.ts";

/** An act of a person over HTTP: its path, what its body may hold, and what is filled in when the body does not say. */
export interface IncidentAct {
  readonly path: string;
  readonly event: IncidentEvent;
  readonly summary: string;
  readonly body: TObject;
  readonly defaults?: (actorName: string, nowMs: number) => Readonly<Record<string, unknown>>;
}

const Name = Type.String({ minLength: 1, maxLength: 100 });
const Sentence = Type.String({ minLength: 1, maxLength: 2000 });
const Instant = Type.String({ format: "date-time", maxLength: 40 });
const oneOf = (...values: string[]) => Type.Union(values.map((value) => Type.Literal(value)));
/** Every field is optional here: the life cycle says what a move needs, and names what is missing. */
const body = (properties: Parameters<typeof Type.Object>[0]) => Type.Partial(Type.Object({ note: Sentence, ...properties }));

/** What a person can do to an incident. The life cycle decides whether he may. */
export const INCIDENT_ACTS: readonly IncidentAct[] = [
  {
    path: "acknowledge",
    event: "acknowledge",
    summary: "Take it: stops the respond clock",
    body: body({ assignee: Name }),
    defaults: (assignee) => ({ assignee }),
  },
  { path: "assign", event: "assign", summary: "Give it to a person or a group", body: body({ assignee: Name, assigneeGroup: Name }) },
  {
    path: "wait",
    event: "wait",
    summary: "Wait for something outside; the restore clock pauses only while it waits for the user",
    body: body({ reason: oneOf("user", "vendor", "change", "spare"), resumeAt: Instant, condition: Sentence }),
  },
  { path: "resume", event: "resume", summary: "Go on working", body: body({}) },
  {
    path: "mitigate",
    event: "mitigate",
    summary: "Service is restored, perhaps by a workaround: stops the restore clock",
    body: body({ serviceRestoredAt: Instant, workaround: Sentence }),
    defaults: (_name, nowMs) => ({ serviceRestoredAt: new Date(nowMs).toISOString() }),
  },
  { path: "regress", event: "regress", summary: "It is broken again", body: body({ reason: Sentence }) },
  {
    path: "resolve",
    event: "resolve",
    summary: "The cause is dealt with",
    body: body({
      resolutionCode: oneOf("fixed", "workaround", "self_recovered", "no_fault_found", "accepted_risk"),
      causeCategory: oneOf("hardware", "software", "change", "capacity", "network", "power", "certificate", "external", "human", "unknown"),
      rootCause: Type.String({ minLength: 1, maxLength: 512, description: "entity key, or `unknown`" }),
      excuse: Sentence,
    }),
  },
  { path: "reopen", event: "reopen", summary: "It was not resolved after all", body: body({ reason: Sentence }) },
  { path: "close", event: "close", summary: "Done", body: body({ reviewRecord: Sentence }) },
  {
    path: "cancel",
    event: "cancel",
    summary: "It is none",
    body: body({ reason: oneOf("false_alarm", "duplicate", "test") }),
  },
  { path: "merge", event: "merge", summary: "It belongs to another incident", body: body({ parentId: Type.String({ minLength: 1, maxLength: 64 }) }) },
  {
    path: "declare-major",
    event: "declare_major",
    summary: "Make it a major incident",
    body: body({ reason: Sentence, commander: Name, communicator: Name, scribe: Name }),
  },
  { path: "revoke-major", event: "revoke_major", summary: "It is no major incident", body: body({ reason: Sentence }) },
];
