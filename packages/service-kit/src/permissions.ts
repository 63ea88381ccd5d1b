/** What a route can demand. Deny by default: a route without one is refused at start. */
export const PERMISSIONS = [
  "public", // no sign-in: health, sign-in itself, the console's static files
  "self:read", // any signed-in person: who am I
  "overview:read",
  "telemetry:read",
  "incident:read",
  "incident:work", // acknowledge, assign, resolve
  "alert:read",
  "alert:configure",
  "change:read",
  "change:write",
  "rca:read",
  "notification:read",
  "topology:read",
  "system:read",
  "ingest:replay", // dead letters
  "user:administer",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Roles of the parties of domain.md, narrow for now: rows by site and department come with the access issue. */
export const ROLES = {
  admin: PERMISSIONS,
  operator: [
    "self:read",
    "overview:read",
    "telemetry:read",
    "incident:read",
    "incident:work",
    "alert:read",
    "change:read",
    "change:write",
    "rca:read",
    "notification:read",
    "topology:read",
    "system:read",
    "ingest:replay",
  ],
  manager: ["self:read", "overview:read", "incident:read", "alert:read", "change:read", "rca:read", "topology:read"],
} as const satisfies Record<string, readonly Permission[]>;
export type Role = keyof typeof ROLES;

/** Who makes a request, as authentication established it. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
}

export function allows(principal: Principal | undefined, permission: Permission): boolean {
  if (permission === "public") return true;
  return principal !== undefined && (ROLES[principal.role] as readonly Permission[]).includes(permission);
}
