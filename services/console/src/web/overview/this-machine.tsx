import { Link } from "react-router";
import type { EntitySeries } from "../api/contracts.ts";
import { useEntities, useEntity } from "../api/queries.ts";
import { busiestProcesses, highest, total } from "../entity/series-figures.ts";
import { useWords } from "../format/use-words.ts";
import { entityPath } from "../parts/entity-link.tsx";
import { Section } from "../parts/section.tsx";

const LOCAL_SITE = "local";

/** The machine that Yunwei runs on, so that a newcomer sees something of his own at once. */
export function ThisMachine() {
  const { t } = useWords();
  const { data: hosts } = useEntities({ query: "", type: "host", site: LOCAL_SITE, limit: 1 });
  const host = hosts?.entities[0]?.entity;
  const { data } = useEntity(host, undefined);
  const series = data?.series.filter((one) => one.last !== null) ?? [];
  return (
    <Section title={t("overview/machine/title")} extra={host === undefined ? null : <Link to={entityPath(host)}>{t("overview/machine/open")}</Link>}>
      {series.length === 0 ? (
        <p className="muted">{t(host === undefined ? "overview/machine/waiting" : "overview/machine/none")}</p>
      ) : (
        <Figures series={series} />
      )}
    </Section>
  );
}

function Figures({ series }: { series: readonly EntitySeries[] }) {
  const words = useWords();
  const { t } = words;
  const cpu = highest(series, "system.cpu.utilization");
  const memory = highest(series, "system.memory.utilization");
  const disk = highest(series, "system.filesystem.utilization");
  const load = highest(series, "system.cpu.load_average.1m");
  const network = (direction: string): string =>
    words.value(total(series, "system.network.io", "network.io.direction", direction)?.last ?? null, "By/s", "system.network.io");
  const figures: [string, string][] = [
    [t("overview/machine/cpu"), words.value(cpu?.last ?? null, "1", "system.cpu.utilization")],
    [t("overview/machine/memory"), words.value(memory?.last ?? null, "1", "system.memory.utilization")],
    [t("overview/machine/disk"), words.value(disk?.last ?? null, "1", "system.filesystem.utilization")],
    [t("overview/machine/network"), `${network("receive")} / ${network("transmit")}`],
    [t("overview/machine/load"), words.value(load?.last ?? null, "", "system.cpu.load_average.1m")],
  ];
  const processes = busiestProcesses(series).slice(0, 3);
  return (
    <>
      <dl className="figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {processes.length === 0 ? null : (
        <p className="small">
          <span className="muted">{t("overview/machine/top")} </span>
          {words.list(processes.map((process) => `${process.name} ${words.value(process.cpu, "1", "process.cpu.utilization")}`))}
        </p>
      )}
    </>
  );
}
