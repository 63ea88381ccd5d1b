import type { Incident } from "../api/contracts.ts";
import { useWords } from "../format/use-words.ts";
import { EntityLink } from "../parts/entity-link.tsx";
import { Section } from "../parts/section.tsx";

const SHOWN = 30;

/** Whom it touches. */
export function ImpactSection({ incident }: { incident: Incident }) {
  const words = useWords();
  const { t } = words;
  const impact = incident.report?.impact;
  const services = impact?.services ?? incident.services;
  const departments = impact?.departments ?? incident.departments;
  const sites = impact?.sites ?? incident.sites;
  return (
    <Section
      title={t("incident/sections/impact")}
      extra={impact === undefined ? null : <span className="muted small">{t("impact/entities", { count: impact.entityCount })}</span>}
    >
      {services.length + departments.length + sites.length === 0 ? <p className="muted">{t("impact/none")}</p> : null}
      <dl className="pairs">
        {services.length === 0 ? null : (
          <div>
            <dt>
              {t("impact/services")} ({services.length})
            </dt>
            <dd className="chips">
              {services.slice(0, SHOWN).map((service) => (
                <EntityLink key={service} entity={service.includes(":") ? service : `service:${service}`} at={incident.startedAt} />
              ))}
              {services.length > SHOWN ? <span className="muted">{t("entity/more", { count: services.length - SHOWN })}</span> : null}
            </dd>
          </div>
        )}
        {departments.length === 0 ? null : (
          <div>
            <dt>
              {t("impact/departments")} ({departments.length})
            </dt>
            <dd>{words.list(departments.slice(0, SHOWN))}</dd>
          </div>
        )}
        {sites.length === 0 ? null : (
          <div>
            <dt>
              {t("impact/sites")} ({sites.length})
            </dt>
            <dd>{words.list(sites.map(words.site))}</dd>
          </div>
        )}
      </dl>
    </Section>
  );
}
