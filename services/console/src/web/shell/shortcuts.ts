import { useEffect, useRef } from "react";

/** A second key of a pair must come within this. */
const PAIR_MS = 1_200;

/** Whether keys typed there are text, or belong to an open window. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('[role="dialog"],[role="menu"],[role="listbox"]') !== null
  );
}

/**
 * Answers keys while the component is shown: single ones (`j`, `?`) and pairs (`g o`). Nothing happens while a person
 * types, or holds Ctrl, Alt or Meta. @param keys - key or pair -> what to do
 */
export function useShortcuts(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    let first = "";
    let firstMs = 0;
    const listen = (event: KeyboardEvent): void => {
      if (
        event.ctrlKey ||
        event.altKey ||
        event.metaKey ||
        isTyping(event.target) ||
        document.querySelector(".ant-modal-wrap:not([style*='display: none'])") !== null
      )
        return;
      const pair = event.timeStamp - firstMs < PAIR_MS ? `${first} ${event.key}` : "";
      const act = latest.current[pair] ?? latest.current[event.key];
      [first, firstMs] = [event.key, event.timeStamp];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}
