import { Button } from "antd";
import { ApiError } from "../api/request.ts";
import { useWords } from "../format/use-words.ts";
import type { Words } from "../format/words.ts";

/** What went wrong, in the reader's language; the server's own sentence (English) is added where it says more. */
export function problemText(error: unknown, { t, or, list }: Words): string {
  if (!(error instanceof ApiError)) return t("errors/other", { code: error instanceof Error ? error.message : String(error) });
  const details = (error.details ?? {}) as { missing?: readonly string[]; retryAfterSeconds?: number };
  if (error.code === "YUNWEI_INCIDENT_FIELDS") {
    const names = (details.missing ?? []).map((field) => list(field.split("|").map((name) => or(`fields/${name}`, name))));
    return t("errors/YUNWEI_INCIDENT_FIELDS", { missing: list(names) });
  }
  if (error.code === "YUNWEI_TOO_MANY_REQUESTS") return t("errors/YUNWEI_TOO_MANY_REQUESTS", { seconds: details.retryAfterSeconds ?? 1 });
  const known = or(`errors/${error.code}`, "");
  return known === "" ? t("errors/other", { code: error.code }) : known;
}

/** A failure in the place of what it kept away. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const words = useWords();
  const detail = error instanceof ApiError && error.status > 0 ? error.message : "";
  return (
    <div className="problem" role="alert">
      <p className="problem-title">
        <span aria-hidden="true">⚠ </span>
        {problemText(error, words)}
      </p>
      {detail === "" ? null : <p className="muted small">{detail}</p>}
      {onRetry === undefined ? null : (
        <Button size="small" onClick={onRetry}>
          {words.t("common/retry")}
        </Button>
      )}
    </div>
  );
}
