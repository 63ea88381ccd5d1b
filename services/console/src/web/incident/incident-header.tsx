import { App, Button } from "antd";
import type { ReactNode } from "react";
import type { Incident } from "../api/contracts.ts";
import { fullTime } from "../format/time.ts";
import { useWords } from "../format/use-words.ts";
import { ClockText } from "../parts/clock-text.tsx";
import { Mark, PriorityMark, StateMark } from "../parts/marks.tsx";
import { TimeText } from "../parts/time-text.tsx";
import { useNow } from "../parts/use-now.ts";

/** More apart than this, and the data is of another time than the incident. */
const REPLAY_GAP_MS = 3_600_000;

/** Number, state, owner, times and clocks of an incident. */
export function IncidentHeader({ incident, actions }: { incident: Incident; actions: ReactNode }) {
  const words = useWords();
  const { t } = words;
  const { message } = App.useApp();
  const copyLink = (): void => {
    void navigator.clipboard?.writeText(location.href).then(() => message.success(t("common/copied")));
  };
  return (
    <section className={`card incident-header priority-${incident.priority}`} aria-label={incident.number}>
      <div className="incident-header-top">
        <div className="incident-header-marks">
          <b>{incident.number}</b>
          <PriorityMark priority={incident.priority} />
          <StateMark state={incident.state} />
          {incident.major ? (
            <Mark tone="bad" sign="!">
              {t("incident/major")}
            </Mark>
          ) : null}
          {incident.reopenCount > 0 ? <Mark tone="warn">{t("incident/reopened", { count: incident.reopenCount })}</Mark> : null}
          <Button size="small" type="link" onClick={copyLink}>
            {t("common/copyLink")}
          </Button>
        </div>
        {actions}
      </div>
      <h1>{words.pick(incident.title)}</h1>
      <Clocks incident={incident} />
      <Times incident={incident} />
      <ReplayNote incident={incident} />
    </section>
  );
}

function Clocks({ incident }: { incident: Incident }) {
  const { t } = useWords();
  return (
    <ul className="clocks">
      {(["respond", "restore"] as const).map((name) => (
        <li key={name}>
          <ClockText name={name} clock={incident[name]} />
          {incident[name].dueAt === undefined || incident[name].state === "stopped" ? null : (
            <span className="muted small">{t("clocks/due", { time: fullTime(Date.parse(incident[name].dueAt)).slice(5, 16) })}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Times({ incident }: { incident: Incident }) {
  const { t, duration } = useWords();
  const now = useNow();
  const openedMs = Date.parse(incident.createdAt);
  const end = incident.resolvedAt ?? incident.restoredAt;
  const took =
    end === undefined ? t("incident/open", { duration: duration(now - openedMs) }) : t("incident/took", { duration: duration(Date.parse(end) - openedMs) });
  const times: [string, string | undefined][] = [
    ["started", incident.startedAt],
    ["created", incident.createdAt],
    ["acknowledged", incident.acknowledgedAt],
    ["restored", incident.restoredAt],
    ["resolved", incident.resolvedAt],
  ];
  return (
    <dl className="facts">
      <div>
        <dt>{t("incident/owner")}</dt>
        <dd>{incident.assignee ?? incident.assigneeGroup ?? t("incidents/nobody")}</dd>
      </div>
      {times.map(([name, at]) =>
        at === undefined ? null : (
          <div key={name}>
            <dt>{t(`incident/${name}`)}</dt>
            <dd>
              <TimeText ms={Date.parse(at)} />
            </dd>
          </div>
        ),
      )}
      <div>
        <dt className="only-read">{t("incident/created")}</dt>
        <dd>{took}</dd>
      </div>
    </dl>
  );
}

function ReplayNote({ incident }: { incident: Incident }) {
  const { t, duration } = useWords();
  const [eventMs, processMs] = [Date.parse(incident.startedAt), Date.parse(incident.detectedAt)];
  const gapMs = Math.abs(processMs - eventMs);
  if (gapMs < REPLAY_GAP_MS) return null;
  return <p className="note">{t("incident/replayNote", { event: fullTime(eventMs), process: fullTime(processMs), gap: duration(gapMs) })}</p>;
}
