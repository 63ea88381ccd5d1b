import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  AlertGroup,
  EntityList,
  EntityReply,
  IncidentEvent,
  IncidentPage,
  IncidentReply,
  Notification,
  OverviewReply,
  SeriesPoints,
  Session,
  SystemReply,
} from "./contracts.ts";
import { queryOf, request } from "./request.ts";

const REFRESH_MS = 10_000;
const path = encodeURIComponent;

/** Who is signed in; an error with status 401 = nobody. */
export function useSession() {
  return useQuery({ queryKey: ["session"], queryFn: () => request<Session>("GET", "/session"), staleTime: 60_000, refetchInterval: 300_000 });
}

export function useOverview() {
  return useQuery({ queryKey: ["overview"], queryFn: () => request<OverviewReply>("GET", "/overview"), refetchInterval: 5_000 });
}

/** Incidents, newest first, page by page. */
export function useIncidents(state: "open" | "all", limit = 100) {
  return useInfiniteQuery({
    queryKey: ["incidents", state, limit],
    queryFn: ({ pageParam }) => request<IncidentPage>("GET", `/incidents${queryOf({ state, limit, cursor: pageParam })}`),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}

export function useIncident(incidentId: string) {
  return useQuery({
    queryKey: ["incident", incidentId],
    queryFn: () => request<IncidentReply>("GET", `/incidents/${path(incidentId)}`),
    refetchInterval: REFRESH_MS,
  });
}

export function useIncidentEvents(incidentId: string) {
  return useQuery({
    queryKey: ["incident", incidentId, "events"],
    queryFn: () => request<{ events: readonly IncidentEvent[] }>("GET", `/incidents/${path(incidentId)}/events`),
    refetchInterval: REFRESH_MS,
  });
}

export function useNotifications(incidentId: string, enabled: boolean) {
  return useQuery({
    queryKey: ["incident", incidentId, "notifications"],
    queryFn: () => request<{ notifications: readonly Notification[] }>("GET", `/notifications${queryOf({ incidentId })}`),
    refetchInterval: REFRESH_MS,
    enabled,
  });
}

export function useAlertGroup(groupId: string | undefined) {
  return useQuery({
    queryKey: ["alert-group", groupId],
    queryFn: () => request<AlertGroup>("GET", `/alert-groups/${path(groupId ?? "")}`),
    refetchInterval: REFRESH_MS,
    enabled: groupId !== undefined,
  });
}

/** Does something to an incident; what is shown of it is read again. */
export function useIncidentAct(incidentId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ act, fields }: { act: string; fields: Readonly<Record<string, unknown>> }) =>
      request<IncidentReply>("POST", `/incidents/${path(incidentId)}/${act.replaceAll("_", "-")}`, fields),
    onSuccess: (reply) => {
      client.setQueryData(["incident", incidentId], reply);
    },
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ["incident", incidentId] });
      await client.invalidateQueries({ queryKey: ["incidents"] });
    },
  });
}

export interface PointsQuestion {
  readonly seriesId: string;
  readonly metric: string;
  readonly entity: string;
  readonly from: string;
  readonly to: string;
}

export function usePoints({ seriesId, ...question }: PointsQuestion, enabled = true, refreshMs: number | false = false) {
  return useQuery({
    queryKey: ["points", seriesId, question],
    queryFn: () => request<SeriesPoints>("GET", `/series/${path(seriesId)}/points${queryOf({ ...question })}`),
    enabled,
    staleTime: 30_000,
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
}

export function useEntities(question: { query: string; type: string; site: string; limit?: number }) {
  return useQuery({
    queryKey: ["entities", question],
    queryFn: () => request<EntityList>("GET", `/entities${queryOf({ ...question })}`),
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  });
}

export function useEntity(entity: string | undefined, at: string | undefined) {
  return useQuery({
    queryKey: ["entity", entity, at],
    queryFn: () => request<EntityReply>("GET", `/entity${queryOf({ entity, at })}`),
    refetchInterval: at === undefined ? REFRESH_MS : false,
    enabled: entity !== undefined,
    placeholderData: keepPreviousData,
  });
}

export function useSystem() {
  return useQuery({ queryKey: ["system"], queryFn: () => request<SystemReply>("GET", "/system"), refetchInterval: REFRESH_MS });
}
