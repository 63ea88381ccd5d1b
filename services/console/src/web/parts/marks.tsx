import type { ReactNode } from "react";
import { useWords } from "../format/use-words.ts";

type Tone = "ok" | "warn" | "bad" | "unknown" | "info";

/** A short word with a sign and a colour: never the colour alone. */
export function Mark({ tone, sign, children, title }: { tone: Tone; sign?: string; children: ReactNode; title?: string }) {
  return (
    <span className={`mark mark-${tone}`} title={title}>
      {sign === undefined ? null : <span aria-hidden="true">{sign} </span>}
      {children}
    </span>
  );
}

const LEVELS = { ok: ["ok", "✓"], degraded: ["warn", "▲"], failing: ["bad", "✕"], unknown: ["unknown", "?"] } as const;

/** Health of a site. */
export function LevelMark({ level }: { level: keyof typeof LEVELS }) {
  const { t } = useWords();
  const [tone, sign] = LEVELS[level];
  return (
    <Mark tone={tone} sign={sign}>
      {t(`overview/levels/${level}`)}
    </Mark>
  );
}

const PRIORITY_TONES: Readonly<Record<string, Tone>> = { P1: "bad", P2: "bad", P3: "warn", P4: "info" };

/** P1 to P4, with its word as a hint. */
export function PriorityMark({ priority, count }: { priority: string; count?: number }) {
  const { or } = useWords();
  return (
    <Mark tone={PRIORITY_TONES[priority] ?? "unknown"} title={or(`priorities/${priority}`, priority)}>
      <b>{priority}</b>
      {count === undefined ? null : ` × ${count}`}
    </Mark>
  );
}

const STATE_TONES: Readonly<Record<string, readonly [Tone, string]>> = {
  new: ["bad", "●"],
  assigned: ["warn", "◐"],
  in_progress: ["warn", "◐"],
  pending: ["unknown", "⏸"],
  mitigated: ["ok", "✓"],
  resolved: ["ok", "✓"],
};

/** State of an incident. */
export function StateMark({ state }: { state: string }) {
  const { or } = useWords();
  const [tone, sign] = STATE_TONES[state] ?? ["unknown", "○"];
  return (
    <Mark tone={tone} sign={sign}>
      {or(`states/${state}`, state)}
    </Mark>
  );
}

const SEVERITY_TONES: Readonly<Record<string, Tone>> = { critical: "bad", major: "bad", minor: "warn", info: "info" };

/** Severity of an alert. */
export function SeverityMark({ severity }: { severity: string }) {
  const { or } = useWords();
  return <Mark tone={SEVERITY_TONES[severity] ?? "unknown"}>{or(`severities/${severity}`, severity)}</Mark>;
}
