import { type RefObject, useRef } from "react";
import { useShortcuts } from "./shortcuts.ts";

/** `j` and `k` move the focus through the links of a list that carry `data-item`; Enter opens as ever. `/` goes to the search field. */
export function useListKeys<T extends HTMLElement>(): RefObject<T | null> {
  const list = useRef<T>(null);
  const step = (by: 1 | -1) => (): void => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>("[data-item]") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const next = at < 0 ? (by === 1 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + by));
    items[next]?.focus();
  };
  useShortcuts({ j: step(1), k: step(-1), "/": () => document.querySelector<HTMLInputElement>("[data-search] input, input[data-search]")?.focus() });
  return list;
}
