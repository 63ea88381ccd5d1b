import { siteById, ZH_WORDS } from "@yunwei/schemas";
import type { ItsmMessages } from "./messages.ts";

/** Chinese (zh-CN) texts of itsm. */
export const ZH: ItsmMessages = {
  ...ZH_WORDS,
  site: (id) => siteById(id)?.zh ?? id,
  causeTitle: (where, mode) => `${where}：${mode}`,
  undeterminedTitle: (where, others) => `${spaced(where)}${others > 0 ? `等 ${others + 1} 处` : ""}异常（根因未定）`,
  externalLoadTitle: (where) => `${where}：外部流量突增，内部无故障`,
  somewhere: "多处",
};

/** Chinese typography: a space between a Latin name and the Chinese words behind it. */
function spaced(text: string): string {
  return /[\w)]$/.test(text) ? `${text} ` : text;
}
