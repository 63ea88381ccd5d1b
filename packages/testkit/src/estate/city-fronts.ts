import type { CatalogueCall, CatalogueService } from "./estate-catalogue.ts";

interface FrontKind {
  readonly prefix: string;
  readonly department: string;
  /** Traces per 15 s at load 1 in a city of size 1. */
  readonly volume: number;
  readonly route: string;
  readonly calls: readonly CatalogueCall[];
}

const FRONTS: readonly FrontKind[] = [
  { prefix: "portal-web", department: "portal", volume: 36, route: "GET /hall", calls: [{ to: "gov-gateway", share: 1 }] },
  {
    prefix: "social-web",
    department: "social-security",
    volume: 32,
    route: "GET /my/insurance",
    calls: [
      { to: "social-api", share: 1 },
      { to: "identity-auth", share: 0.3 },
    ],
  },
  { prefix: "fund-web", department: "housing-fund", volume: 30, route: "GET /my/fund", calls: [{ to: "fund-api", share: 1 }] },
  { prefix: "realty-web", department: "real-estate", volume: 26, route: "GET /my/property", calls: [{ to: "realty-registry", share: 1 }] },
  {
    prefix: "health-web",
    department: "health",
    volume: 34,
    route: "GET /my/card",
    calls: [
      { to: "health-api", share: 1 },
      { to: "identity-auth", share: 0.3 },
    ],
  },
];

/** Which department's front end a city runs (index into FRONTS), and the size of the city (1 = middling). */
const CITIES: Readonly<Record<string, readonly [front: number, size: number]>> = {
  nanjing: [0, 1.4],
  suzhou: [0, 1.4],
  xuzhou: [0, 1.1],
  wuxi: [1, 1.2],
  nantong: [1, 1.1],
  yancheng: [1, 1],
  changzhou: [2, 1.1],
  huaian: [2, 0.9],
  yangzhou: [3, 1],
  lianyungang: [3, 0.8],
  suqian: [3, 0.8],
  zhenjiang: [4, 0.9],
  taizhou: [4, 1],
};

export interface CityFront extends CatalogueService {
  /** Traces per 15 s at load 1. */
  readonly volume: number;
}

/** The front end that a backbone site runs, or undefined for a site that is not in the table. */
export function cityFront(site: string): CityFront | undefined {
  const row = CITIES[site];
  if (row === undefined) return undefined;
  const kind = FRONTS[row[0]]!;
  return {
    id: `${kind.prefix}-${site}`,
    department: kind.department,
    criticality: "important",
    site,
    instances: 2,
    selfMs: 10,
    route: kind.route,
    tls: true,
    calls: kind.calls,
    volume: kind.volume * row[1],
  };
}
