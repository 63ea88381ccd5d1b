import { EN_WORDS, siteById } from "@yunwei/schemas";
import type { ItsmMessages } from "./messages.ts";

/** English texts of itsm. */
export const EN: ItsmMessages = {
  ...EN_WORDS,
  site: (id) => siteById(id)?.en ?? id,
  causeTitle: (where, mode) => `${where}: ${mode}`,
  undeterminedTitle: (where, others) => `${where}${others > 0 ? ` and ${others} more` : ""}: abnormal (cause not determined)`,
  externalLoadTitle: (where) => `${where}: traffic surge from outside, nothing inside at fault`,
  somewhere: "Several places",
};
