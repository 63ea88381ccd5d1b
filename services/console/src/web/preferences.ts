import { useSyncExternalStore } from "react";
import type { Language } from "./messages/messages.ts";

/** What a person chose in this browser. */
export interface Preferences {
  readonly language: Language;
  readonly theme: "light" | "dark";
}

const KEY = "yunwei.preferences";
const listeners = new Set<() => void>();
let current: Preferences = read();

/** Remembered choices; the first time Chinese, and the system's own light or dark. Storage may be closed to us. */
function read(): Preferences {
  const fallback: Preferences = { language: "zh", theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light" };
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Record<keyof Preferences, unknown>>;
    return {
      language: stored.language === "en" || stored.language === "zh" ? stored.language : fallback.language,
      theme: stored.theme === "dark" || stored.theme === "light" ? stored.theme : fallback.theme,
    };
  } catch {
    return fallback;
  }
}

export function preferencesNow(): Preferences {
  return current;
}

export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // kept for this page only
  }
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, preferencesNow);
}
