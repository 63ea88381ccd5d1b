import i18next, { type TFunction } from "i18next";
import { initReactI18next } from "react-i18next";
import { EN } from "./messages/en.ts";
import type { Language } from "./messages/messages.ts";
import { ZH } from "./messages/zh.ts";

/** Key separator: names of metrics are keys and hold dots. */
export const KEY_SEPARATOR = "/";

/** Makes the texts ready in `language`. React escapes what is put in, so nothing else does. */
export async function startTexts(language: Language): Promise<TFunction> {
  return await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "zh",
    resources: { zh: { translation: ZH }, en: { translation: EN } },
    keySeparator: KEY_SEPARATOR,
    nsSeparator: false,
    interpolation: { escapeValue: false },
  });
}
