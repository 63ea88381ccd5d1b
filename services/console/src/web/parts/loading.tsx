import { Spin } from "antd";
import { useWords } from "../format/use-words.ts";

/** Shown while something is on its way. */
export function Loading() {
  const { t } = useWords();
  return (
    <div className="loading" role="status" aria-live="polite">
      <Spin />
      <span>{t("common/loading")}</span>
    </div>
  );
}
