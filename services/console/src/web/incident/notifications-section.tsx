import type { Notification } from "../api/contracts.ts";
import { useNotifications } from "../api/queries.ts";
import { useWords } from "../format/use-words.ts";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/marks.tsx";
import { Problem } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { TimeText } from "../parts/time-text.tsx";
import { useMay } from "../shell/session-context.ts";

const TONES = { pending: ["warn", "◐"], sent: ["ok", "✓"], dead: ["bad", "✕"], skipped: ["unknown", "–"] } as const;

/** Who was told, who was not, and why. */
export function NotificationsSection({ incidentId }: { incidentId: string }) {
  const { t } = useWords();
  const mayRead = useMay("notification:read");
  const { data, error, refetch } = useNotifications(incidentId, mayRead);
  return (
    <Section title={t("incident/sections/notifications")}>
      {mayRead ? null : <p className="muted">{t("notifications/noRight")}</p>}
      {mayRead && data === undefined ? error === null ? <Loading /> : <Problem error={error} onRetry={() => void refetch()} /> : null}
      {data?.notifications.length === 0 ? <p className="muted">{t("notifications/none")}</p> : null}
      <ul className="rows">
        {data?.notifications.map((notification) => (
          <Row key={notification.notificationId} notification={notification} />
        ))}
      </ul>
    </Section>
  );
}

function Row({ notification }: { notification: Notification }) {
  const words = useWords();
  const { t } = words;
  const [tone, sign] = TONES[notification.state];
  return (
    <li>
      <p>
        <Mark tone={tone} sign={sign}>
          {t(`notifications/states/${notification.state}`)}
        </Mark>{" "}
        {words.or(`notifications/kinds/${notification.kind}`, notification.kind)} ·{" "}
        {notification.channel === "" ? t("notifications/noChannel") : notification.channel}{" "}
        <span className="muted small">
          <TimeText ms={Date.parse(notification.sentAt ?? notification.createdAt)} />
          {notification.tries > 1 ? ` · ${t("notifications/tries", { count: notification.tries })}` : ""}
        </span>
      </p>
      {notification.reason === "" ? null : <p className="small muted">{notification.reason}</p>}
      {notification.text === undefined ? null : (
        <details className="small">
          <summary>{t("notifications/text")}</summary>
          <pre>{words.pick(notification.text)}</pre>
        </details>
      )}
    </li>
  );
}
