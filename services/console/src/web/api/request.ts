/** An answer that is no success. `code` is one of the server's error codes, or `offline`. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: unknown;

  constructor(code: string, status: number, message: string, details?: unknown) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

const TIMEOUT_MS = 30_000;

/** Asks our own API. @throws ApiError */
export async function request<T>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: "same-origin",
      headers: { accept: "application/json", "x-requested-with": "yunwei", ...(body === undefined ? {} : { "content-type": "application/json" }) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new ApiError("offline", 0, cause instanceof Error ? cause.message : String(cause));
  }
  const answer = (await response.json().catch(() => undefined)) as { code?: string; message?: string; details?: unknown } | undefined;
  if (response.ok) return answer as T;
  throw new ApiError(answer?.code ?? "offline", response.status, answer?.message ?? response.statusText, answer?.details);
}

/** A query string of what is given; empty values are left out. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined && value !== "") query.set(name, String(value));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
