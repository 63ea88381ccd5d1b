/** A field of an act's form. */
export interface ActField {
  readonly name: string;
  readonly kind: "text" | "long" | "choice" | "time";
  readonly required: boolean;
  readonly choices?: readonly string[];
}

/** How an act of a person is asked for. Without fields it is done at once. */
export interface ActForm {
  readonly fields: readonly ActField[];
  /** Shown as a button of its own; the others are in a menu. */
  readonly upFront: boolean;
  readonly danger?: boolean;
}

const text = (name: string, required = true): ActField => ({ name, kind: "text", required });
const long = (name: string, required = true): ActField => ({ name, kind: "long", required });
const time = (name: string, required = true): ActField => ({ name, kind: "time", required });
const choice = (name: string, ...choices: string[]): ActField => ({ name, kind: "choice", required: true, choices });
const NOTE = long("note", false);

/** Forms of the acts that itsm knows; the order is that of the buttons. What is not here is not offered. */
export const ACT_FORMS: Readonly<Record<string, ActForm>> = {
  acknowledge: { fields: [], upFront: true },
  mitigate: { fields: [long("workaround"), time("serviceRestoredAt", false), NOTE], upFront: true },
  resolve: {
    fields: [
      choice("resolutionCode", "fixed", "workaround", "self_recovered", "no_fault_found", "accepted_risk"),
      choice("causeCategory", "hardware", "software", "change", "capacity", "network", "power", "certificate", "external", "human", "unknown"),
      text("rootCause"),
      long("excuse", false),
      NOTE,
    ],
    upFront: true,
  },
  close: { fields: [long("reviewRecord", false), NOTE], upFront: true },
  resume: { fields: [NOTE], upFront: true },
  assign: { fields: [text("assignee", false), text("assigneeGroup", false), NOTE], upFront: false },
  wait: { fields: [choice("reason", "user", "vendor", "change", "spare"), time("resumeAt", false), long("condition", false), NOTE], upFront: false },
  regress: { fields: [long("reason", false)], upFront: false },
  reopen: { fields: [long("reason")], upFront: false },
  declare_major: { fields: [long("reason"), text("commander"), text("communicator"), text("scribe")], upFront: false },
  revoke_major: { fields: [long("reason")], upFront: false },
  merge: { fields: [text("parentId"), NOTE], upFront: false },
  cancel: { fields: [choice("reason", "false_alarm", "duplicate", "test"), NOTE], upFront: false, danger: true },
};

/** The body of an act from what was typed: times in Beijing's zone, empty fields left out. */
export function bodyOf(form: ActForm, typed: Readonly<Record<string, unknown>>, ofLocalField: (text: string) => string): Record<string, string> {
  const body: Record<string, string> = {};
  for (const { name, kind } of form.fields) {
    const value = typeof typed[name] === "string" ? typed[name].trim() : "";
    const sent = kind === "time" ? ofLocalField(value) : value;
    if (sent !== "") body[name] = sent;
  }
  return body;
}
