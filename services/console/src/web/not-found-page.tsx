import { Link } from "react-router";
import { useWords } from "./format/use-words.ts";
import { Nothing } from "./parts/nothing.tsx";
import { useTitle } from "./shell/use-title.ts";

/** For addresses that lead nowhere. */
export function NotFoundPage() {
  const { t } = useWords();
  useTitle(t("notFound/title"));
  return (
    <Nothing title={t("notFound/title")} hint={t("notFound/hint")}>
      <Link to="/">{t("notFound/home")}</Link>
    </Nothing>
  );
}
