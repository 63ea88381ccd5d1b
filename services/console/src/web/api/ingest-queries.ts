import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { IngestAccounts } from "../../domain/ingest-accounts.ts";
import { queryOf, request } from "./request.ts";

export interface SenderClock {
  readonly source: string;
  readonly site: string;
  readonly signal: string;
  readonly skewSeconds: number;
  readonly spreadSeconds: number;
  readonly verdict: "ahead" | "behind" | "steady" | "unsure";
}
export interface TokenQuota {
  readonly source: string;
  readonly itemsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly newSeriesPerMinute: number | null;
  readonly rejected: readonly { readonly reason: string; readonly requests: number; readonly items: number }[];
}
export interface CardinalityReply {
  readonly day: string;
  readonly metrics: readonly { readonly metric: string; readonly series: number; readonly seriesBefore: number }[];
  readonly guarded: readonly { readonly source: string; readonly metric: string; readonly refusedPoints: number }[];
  readonly labels?: MetricLabels;
}
export interface MetricLabels {
  readonly metric: string;
  readonly series: number;
  readonly sampledOneIn: number;
  readonly labels: readonly {
    readonly label: string;
    readonly values: number;
    readonly series: number;
    readonly share: number;
    readonly top: readonly { readonly value: string; readonly series: number }[];
  }[];
}
export interface DeadLetter {
  readonly id: string;
  readonly buriedAt: string;
  readonly source: string;
  readonly failures: readonly { readonly stage: string; readonly error: string }[];
  readonly replays: readonly { readonly by: string; readonly state: "begun" | "done" | "failed" }[];
}

const REFRESH_MS = 10_000;
const SLOW_REFRESH_MS = 60_000;

export function useAccounting(hours: number) {
  return useQuery({
    queryKey: ["accounting", hours],
    queryFn: () => request<IngestAccounts>("GET", `/ingest/accounting${queryOf({ hours })}`),
    refetchInterval: REFRESH_MS,
  });
}

export function useSenders() {
  return useQuery({
    queryKey: ["senders"],
    queryFn: () => request<{ clocks: readonly SenderClock[]; quotas: readonly TokenQuota[] }>("GET", "/ingest/senders"),
    refetchInterval: REFRESH_MS,
  });
}

/** @param metric - with its labels; "" = the list alone */
export function useCardinality(metric: string) {
  return useQuery({
    queryKey: ["cardinality", metric],
    queryFn: () => request<CardinalityReply>("GET", `/ingest/cardinality${queryOf({ metric })}`),
    refetchInterval: SLOW_REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}

export function useDeadLetters() {
  return useQuery({
    queryKey: ["dead-letters"],
    queryFn: () => request<{ letters: readonly DeadLetter[] }>("GET", `/ingest/dead-letters${queryOf({ limit: 20 })}`),
    refetchInterval: REFRESH_MS,
  });
}
