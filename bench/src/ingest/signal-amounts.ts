import type { Signal } from "@yunwei/schemas";

/** How much of a signal each side gets. */
export interface SignalAmounts {
  /** Turns that the sides take; the middle one counts. */
  readonly turns: number;
  /** Requests of a turn, and before the first. */
  readonly product: number;
  readonly warmUp: number;
  readonly common: number;
  readonly commonWarmUp: number;
}

const NORMAL: Readonly<Record<Signal, SignalAmounts>> = {
  metrics: { turns: 3, product: 640, warmUp: 480, common: 64, commonWarmUp: 64 },
  logs: { turns: 3, product: 420, warmUp: 320, common: 64, commonWarmUp: 64 },
  traces: { turns: 3, product: 340, warmUp: 260, common: 64, commonWarmUp: 64 },
};
const SHORT: Readonly<Record<Signal, SignalAmounts>> = {
  metrics: { turns: 1, product: 120, warmUp: 40, common: 32, commonWarmUp: 16 },
  logs: { turns: 1, product: 60, warmUp: 20, common: 20, commonWarmUp: 8 },
  traces: { turns: 1, product: 50, warmUp: 16, common: 20, commonWarmUp: 8 },
};

/** With requests of about 1,800 points, 1,200 records or 1,000 spans: 3.4 M, 1.5 M and 1 M items after a warm-up of a quarter of that. */
export function signalAmounts(signal: Signal, short: boolean): SignalAmounts {
  return (short ? SHORT : NORMAL)[signal];
}
