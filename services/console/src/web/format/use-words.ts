import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Words, wordsOf } from "./words.ts";

/** Names and readings in the reader's language; changes with it. */
export function useWords(): Words {
  const { t, i18n } = useTranslation();
  // `t` is another function after each change of the language.
  return useMemo(() => wordsOf(i18n, t), [t, i18n]);
}
