import type { ZH } from "./zh.ts";

/** The same keys, any text. */
export type Texts<T> = { readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };

/** Shape of a catalogue: zh.ts has it first, the others must have the same. */
export type Messages = Texts<typeof ZH>;
export type Language = "zh" | "en";
