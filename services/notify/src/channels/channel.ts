import type { IncidentSnapshot } from "@yunwei/schemas";
import type { NotificationKind } from "../notification/notification-kind.ts";

/** What a channel gets to send. */
export interface Delivery {
  /** The same for every try: receivers drop a repeat by it. */
  readonly notificationId: string;
  readonly kind: NotificationKind;
  readonly text: { readonly zh: string; readonly en: string };
  readonly incident: IncidentSnapshot;
  /** Process clock, Unix milliseconds. */
  readonly nowMs: number;
}

/** A way to reach people. One port for all of them; none knows of routes, retries or the database. */
export interface Channel {
  readonly name: string;
  /** Resolves when the other side has taken it. @throws YunweiError YUNWEI_CHANNEL_FAILED, without secrets in its text */
  send(delivery: Delivery): Promise<void>;
}
