import { SITES } from "@yunwei/schemas";
import { buildMachines, type Placement } from "./build-machines.ts";
import { cityFront } from "./city-fronts.ts";
import type { Estate, EstateInstance, EstateLink, EstateService, EstateSite } from "./estate.ts";
import { type CatalogueService, CORE_SERVICES } from "./estate-catalogue.ts";
import { Random, textKey } from "./random.ts";

const DAY_SECONDS = 86_400;
const HOUR_MS = 3_600_000;
const GIB = 1024 ** 3;

/** A catalogue row with what only some have: entry volume, database system. */
interface ServiceRow extends CatalogueService {
  readonly volume: number;
  readonly dbSystem: string | undefined;
}

/**
 * The reference estate: 3 core centres and 13 cities, about 40 physical hosts, 80 VMs, 26 services and 8 databases.
 * Names and structure are the same for every seed; placement, speeds, sizes, clocks and gaps in the telemetry differ.
 * @param options.seed - any integer
 */
export function buildEstate(options: { readonly seed: number }): Estate {
  const random = new Random(options.seed, textKey("estate"));
  const sites = buildSites(random);
  const siteIndex = new Map(sites.map((site) => [site.id, site.index]));
  const rows = serviceRows();
  const placements: Placement[] = rows.flatMap((row, service) =>
    Array.from({ length: row.instances }, () => ({ service, site: siteIndex.get(row.site)!, department: row.department })),
  );
  const { racks, machines, hostCount, vmOf } = buildMachines(sites, placements, random);
  const instances = placements.map((placement, index) => buildInstance(placements, rows, placement.service, index, vmOf[index]!, random));
  const serviceIndex = new Map(rows.map((row, index) => [row.id, index]));
  const services = rows.map((row, index): EstateService => buildService(row, index, siteIndex, serviceIndex, instances, random));
  const departments = [...new Set(services.filter((service) => service.volume > 0).map((service) => service.department))];
  return { seed: options.seed, sites, links: buildLinks(sites, random), racks, machines, hostCount, services, instances, departments };
}

function buildSites(random: Random): EstateSite[] {
  return SITES.map((site, index) => {
    // The centres keep good time; a few cities are badly off, as machines without a reachable time server are.
    const spreadMs = site.tier === "core" ? 20 : random.uniform() < 0.3 ? 2000 : 150;
    return { index, id: site.id, tier: site.tier, clockSkewMs: random.between(-spreadMs, spreadMs) };
  });
}

function buildLinks(sites: readonly EstateSite[], random: Random): EstateLink[] {
  const core = sites.filter((site) => site.tier === "core").map((site) => site.index);
  const [prod, active, dr] = core as [number, number, number];
  const pairs: [number, number, number][] = [
    [prod, active, random.between(0.8, 1.6)],
    [prod, dr, random.between(5, 7)],
    [active, dr, random.between(5, 7)],
    ...sites.filter((site) => site.tier === "backbone").map((site): [number, number, number] => [prod, site.index, random.between(2, 8)]),
  ];
  return pairs.map(([a, b, rttMs], index) => ({ index, id: `${sites[a]!.id}--${sites[b]!.id}`, between: [a, b], rttMs, probeSite: a }));
}

function serviceRows(): ServiceRow[] {
  const services: ServiceRow[] = [
    ...SITES.flatMap((site) => cityFront(site.id) ?? []).map((front) => ({ ...front, dbSystem: undefined })),
    ...CORE_SERVICES.map((service) => ({ ...service, volume: 0, dbSystem: undefined })),
  ];
  const named = new Set(services.map((service) => service.id));
  const databases = new Map<string, ServiceRow>();
  for (const owner of services) {
    for (const { to } of owner.calls) if (!named.has(to) && !databases.has(to)) databases.set(to, databaseRow(to, owner, databases.size));
  }
  return [...services, ...databases.values()];
}

function databaseRow(id: string, owner: ServiceRow, ordinal: number): ServiceRow {
  return {
    id,
    department: owner.department,
    criticality: owner.criticality,
    site: owner.site,
    instances: 1,
    selfMs: 5,
    route: "",
    tls: false,
    calls: [],
    volume: 0,
    dbSystem: ordinal % 3 === 2 ? "mysql" : "postgresql",
  };
}

function buildInstance(
  placements: readonly Placement[],
  rows: readonly ServiceRow[],
  service: number,
  index: number,
  vm: number,
  random: Random,
): EstateInstance {
  const ordinal = index - placements.findIndex((placement) => placement.service === service) + 1;
  const row = rows[service]!;
  const memoryBytes = Math.round((row.dbSystem === undefined ? random.between(1.2, 2) : random.between(3, 3.6)) * GIB);
  return { index, id: `${row.id}-${ordinal}`, service, vm, memoryBytes, upSinceMs: random.between(30, 900) * HOUR_MS };
}

function buildService(
  row: ServiceRow,
  index: number,
  siteIndex: ReadonlyMap<string, number>,
  serviceIndex: ReadonlyMap<string, number>,
  instances: readonly EstateInstance[],
  random: Random,
): EstateService {
  return {
    index,
    id: row.id,
    department: row.department,
    criticality: row.criticality,
    site: siteIndex.get(row.site)!,
    dbSystem: row.dbSystem,
    selfMs: row.selfMs * random.between(0.8, 1.25),
    route: row.route,
    certificateSeconds: row.tls ? Math.round(random.between(25, 330) * DAY_SECONDS) : undefined,
    volume: row.volume * random.between(0.9, 1.1),
    version: `${1 + random.index(4)}.${random.index(20)}.${random.index(10)}`,
    calls: row.calls.map((call) => ({ callee: serviceIndex.get(call.to)!, share: call.share, optional: call.optional === true })),
    instances: instances.filter((instance) => instance.service === index).map((instance) => instance.index),
  };
}
