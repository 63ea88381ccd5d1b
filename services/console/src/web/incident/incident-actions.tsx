import { DownOutlined } from "@ant-design/icons";
import { App, Button, Dropdown } from "antd";
import { useState } from "react";
import type { Incident } from "../api/contracts.ts";
import { useIncidentAct } from "../api/queries.ts";
import { useWords } from "../format/use-words.ts";
import { problemText } from "../parts/problem.tsx";
import { useMay } from "../shell/session-context.ts";
import { useShortcuts } from "../shell/shortcuts.ts";
import { ActDialog } from "./act-dialog.tsx";
import { ACT_FORMS } from "./act-forms.ts";

/** What may be done next, as the server says. `a` acknowledges. */
export function IncidentActions({ incident, moves }: { incident: Incident; moves: readonly string[] }) {
  const words = useWords();
  const { t } = words;
  const { message } = App.useApp();
  const mayWork = useMay("incident:work");
  const { mutateAsync, isPending } = useIncidentAct(incident.incidentId);
  const [asking, setAsking] = useState<string>();
  const offered = Object.keys(ACT_FORMS).filter((act) => moves.includes(act));
  const run = async (act: string, fields: Readonly<Record<string, unknown>>): Promise<boolean> => {
    try {
      await mutateAsync({ act, fields });
      void message.success(t("acts/done", { act: t(`acts/${act}`) }));
      return true;
    } catch (error) {
      void message.error(`${problemText(error, words)}${error instanceof Error ? ` · ${error.message}` : ""}`, 8);
      return false;
    }
  };
  const begin = (act: string): void => {
    if (ACT_FORMS[act]!.fields.length === 0) void run(act, {});
    else setAsking(act);
  };
  useShortcuts({
    a: () => {
      if (mayWork && offered.includes("acknowledge") && !isPending) begin("acknowledge");
    },
  });
  if (!mayWork) return null;
  if (offered.length === 0) return <span className="muted small">{t("acts/none")}</span>;
  const upFront = offered.filter((act) => ACT_FORMS[act]!.upFront);
  const others = offered.filter((act) => !ACT_FORMS[act]!.upFront);
  return (
    <div className="actions">
      {upFront.map((act, index) => (
        <Button
          key={act}
          type={index === 0 ? "primary" : "default"}
          loading={isPending && asking === undefined}
          onClick={() => begin(act)}
          {...(act === "acknowledge" ? { "aria-keyshortcuts": "a" } : {})}
        >
          {t(`acts/${act}`)}
        </Button>
      ))}
      {others.length === 0 ? null : (
        <Dropdown
          trigger={["click"]}
          menu={{ items: others.map((act) => ({ key: act, label: t(`acts/${act}`), danger: ACT_FORMS[act]!.danger === true, onClick: () => begin(act) })) }}
        >
          <Button icon={<DownOutlined />} iconPlacement="end">
            {t("common/more")}
          </Button>
        </Dropdown>
      )}
      {asking === undefined ? null : (
        <ActDialog key={asking} act={asking} incident={incident} onRun={run} busy={isPending} onClose={() => setAsking(undefined)} />
      )}
    </div>
  );
}
