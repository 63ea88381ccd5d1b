import type { i18n, TFunction } from "i18next";
import { formatDuration } from "./duration.ts";
import { formatValue } from "./value.ts";

/** Names of things and readings in the reader's language. */
export interface Words {
  /** A text of the catalogue by its key, with `/` between the parts. */
  t(key: string, values?: Readonly<Record<string, string | number>>): string;
  /** Text of `key`, or `fallback` when the catalogue has none: for words that come from data. */
  or(key: string, fallback: string): string;
  site(id: string): string;
  /** `数据库 order-db`: what kind of thing, and which. */
  entity(key: string): string;
  metric(name: string): string;
  value(value: number | null, unit: string, metric: string): string;
  duration(ms: number): string;
  /** Joins names as the language does. */
  list(names: readonly string[]): string;
  /** The text of two that is in the reader's language. */
  pick(text: { readonly zh: string; readonly en: string }): string;
}

/** Names and readings in the language that `texts` is set to. */
export function wordsOf(texts: i18n, t: TFunction): Words {
  const text = (key: string, values?: Readonly<Record<string, string | number>>): string => t(key, values ?? {});
  const or = (key: string, fallback: string): string => (texts.exists(key) ? t(key) : fallback);
  const site = (id: string): string => or(`sites/${id}`, id);
  return {
    t: text,
    or,
    site,
    entity(key) {
      const colon = key.indexOf(":");
      if (colon < 0) return key;
      const type = key.slice(0, colon);
      return `${or(`entityTypes/${type}`, type)} ${entityName(key, site)}`;
    },
    metric: (name) => or(`metrics/${name}`, name),
    value: (value, unit, metric) => formatValue(value, unit, metric, (name) => t(`duration/${name}`)) ?? t("noValue"),
    duration: (ms) => formatDuration(ms, (name) => t(`duration/${name}`)),
    list: (names) => names.join(t("common/list")),
    pick: (both) => both[texts.language === "en" ? "en" : "zh"],
  };
}

/** The id of an entity for people: sites by name, edges with an arrow. */
export function entityName(key: string, siteName: (id: string) => string): string {
  const id = key.slice(key.indexOf(":") + 1);
  if (key.startsWith("site:")) return siteName(id);
  return key.startsWith("edge:") ? id.replace("->", " → ") : id;
}
