import { useWords } from "../format/use-words.ts";
import { Section } from "../parts/section.tsx";
import { WideTable } from "../parts/wide-table.tsx";
import type { BusyProcess } from "./series-figures.ts";

const SHOWN = 10;

/** The busiest programs of a host; nothing when none were reported. */
export function ProcessTable({ processes }: { processes: readonly BusyProcess[] }) {
  const { t, value } = useWords();
  if (processes.length === 0) return null;
  return (
    <Section title={t("entity/processes")}>
      <WideTable label={t("entity/processes")}>
        <thead>
          <tr>
            <th scope="col">{t("entity/process")}</th>
            <th scope="col" className="number">
              {t("entity/cpu")}
            </th>
            <th scope="col" className="number">
              {t("entity/memory")}
            </th>
          </tr>
        </thead>
        <tbody>
          {processes.slice(0, SHOWN).map((process) => (
            <tr key={process.name}>
              <td>{process.name}</td>
              <td className="number">{value(process.cpu, "1", "process.cpu.utilization")}</td>
              <td className="number">{value(process.memoryBytes, "By", "process.memory.usage")}</td>
            </tr>
          ))}
        </tbody>
      </WideTable>
    </Section>
  );
}
