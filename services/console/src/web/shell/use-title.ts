import { useEffect } from "react";
import { useWords } from "../format/use-words.ts";

/** Names the browser's tab. */
export function useTitle(title: string): void {
  const { t } = useWords();
  const brand = t("brand");
  useEffect(() => {
    document.title = title === "" ? brand : `${title} · ${brand}`;
  }, [title, brand]);
}
