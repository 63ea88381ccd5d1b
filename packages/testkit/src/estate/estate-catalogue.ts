import type { Criticality } from "./estate.ts";

/** A call in the catalogue: callee, mean calls per request of the caller, and whether the caller can do without. */
export interface CatalogueCall {
  readonly to: string;
  readonly share: number;
  readonly optional?: true;
}

export interface CatalogueService {
  readonly id: string;
  readonly department: string;
  readonly criticality: Criticality;
  readonly site: string;
  readonly instances: number;
  /** Median time that the service spends itself in one request, milliseconds. */
  readonly selfMs: number;
  readonly route: string;
  readonly tls: boolean;
  readonly calls: readonly CatalogueCall[];
}

const call = (to: string, share: number): CatalogueCall => ({ to, share });
const optional = (to: string, share: number): CatalogueCall => ({ to, share, optional: true });

/** The services of the three core centres; the city front ends are made from `CITY_FRONTS`. */
export const CORE_SERVICES: readonly CatalogueService[] = [
  {
    id: "gov-gateway",
    department: "portal",
    criticality: "core",
    site: "core-prod",
    instances: 3,
    selfMs: 3,
    route: "POST /gateway/affairs",
    tls: true,
    calls: [call("identity-auth", 0.9), call("portal-affairs", 0.85)],
  },
  {
    id: "identity-auth",
    department: "portal",
    criticality: "core",
    site: "core-prod",
    instances: 3,
    selfMs: 8,
    route: "POST /oauth/introspect",
    tls: true,
    calls: [call("identity-db", 1)],
  },
  {
    id: "portal-affairs",
    department: "portal",
    criticality: "important",
    site: "core-prod",
    instances: 2,
    selfMs: 25,
    route: "GET /affairs/{id}",
    tls: false,
    calls: [call("portal-db", 1), call("data-exchange", 0.5), optional("message-center", 0.4)],
  },
  {
    id: "data-exchange",
    department: "portal",
    criticality: "important",
    site: "core-active",
    instances: 2,
    selfMs: 18,
    route: "POST /exchange/query",
    tls: false,
    calls: [call("exchange-db", 1), optional("archive-sync", 0.4)],
  },
  {
    id: "message-center",
    department: "portal",
    criticality: "normal",
    site: "core-active",
    instances: 2,
    selfMs: 12,
    route: "POST /messages",
    tls: false,
    calls: [],
  },
  {
    id: "archive-sync",
    department: "portal",
    criticality: "normal",
    site: "core-dr",
    instances: 2,
    selfMs: 20,
    route: "PUT /archive/{id}",
    tls: false,
    calls: [],
  },
  {
    id: "social-api",
    department: "social-security",
    criticality: "core",
    site: "core-prod",
    instances: 3,
    selfMs: 18,
    route: "GET /benefits/{id}",
    tls: true,
    calls: [call("identity-auth", 0.5), call("social-pension", 0.6), call("social-db", 0.7)],
  },
  {
    id: "social-pension",
    department: "social-security",
    criticality: "important",
    site: "core-prod",
    instances: 2,
    selfMs: 22,
    route: "GET /pension/{id}",
    tls: false,
    calls: [call("social-db", 1)],
  },
  {
    id: "fund-api",
    department: "housing-fund",
    criticality: "important",
    site: "core-prod",
    instances: 2,
    selfMs: 20,
    route: "GET /fund/account",
    tls: true,
    calls: [call("fund-db", 1), call("realty-registry", 0.4), call("payment-hub", 0.4)],
  },
  {
    id: "payment-hub",
    department: "finance",
    criticality: "core",
    site: "core-prod",
    instances: 2,
    selfMs: 15,
    route: "POST /payments",
    tls: false,
    calls: [call("payment-db", 1)],
  },
  {
    id: "realty-registry",
    department: "real-estate",
    criticality: "important",
    site: "core-active",
    instances: 2,
    selfMs: 24,
    route: "GET /registry/{id}",
    tls: true,
    calls: [call("realty-db", 1), call("payment-hub", 0.25)],
  },
  {
    id: "health-api",
    department: "health",
    criticality: "core",
    site: "core-active",
    instances: 3,
    selfMs: 16,
    route: "GET /health/cards",
    tls: true,
    calls: [call("health-records", 0.7), call("health-db", 0.4)],
  },
  {
    id: "health-records",
    department: "health",
    criticality: "important",
    site: "core-active",
    instances: 2,
    selfMs: 20,
    route: "GET /health/records/{id}",
    tls: false,
    calls: [call("health-db", 1)],
  },
];
