import type { AlertGroupMessage, ChangeMessage, IncidentSnapshot } from "@yunwei/schemas";
import type { SpawnedStandalone } from "./spawn-standalone.ts";

export interface SentNotification {
  readonly notificationId?: string;
  readonly state: string;
  readonly [name: string]: unknown;
}

/** The API of a standalone, signed in as admin. */
export class ApiClient {
  readonly #base: string;
  readonly #token: string;

  private constructor(base: string, token: string) {
    this.#base = base;
    this.#token = token;
  }

  static async signIn({ api, password }: Pick<SpawnedStandalone, "api" | "password">): Promise<ApiClient> {
    const response = await fetch(`${api}/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "admin", password }),
    });
    if (!response.ok) throw new Error(`signing in failed: ${response.status} ${await response.text()}`);
    return new ApiClient(api, ((await response.json()) as { token: string }).token);
  }

  async #call<T>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#base}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** All incidents, newest first, each with its report. */
  async incidents(): Promise<IncidentSnapshot[]> {
    const { incidents } = await this.#call<{ incidents: IncidentSnapshot[] }>("/incidents?state=all&limit=50");
    return Promise.all(incidents.map(async ({ incidentId }) => (await this.#call<{ incident: IncidentSnapshot }>(`/incidents/${incidentId}`)).incident));
  }

  alertGroup(groupId: string): Promise<AlertGroupMessage> {
    return this.#call(`/alert-groups/${groupId}`);
  }

  async notifications(incidentId: string): Promise<SentNotification[]> {
    return (await this.#call<{ notifications: SentNotification[] }>(`/notifications?incidentId=${encodeURIComponent(incidentId)}`)).notifications;
  }

  async reportChange(change: ChangeMessage): Promise<void> {
    await this.#call("/changes", change);
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>(path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>(path, body);
  }
}
