/** Every error code, its HTTP status and whether the same request may succeed later. docs/errors.md lists the same codes (tested). */
export const ERROR_CODES = {
  YUNWEI_CONFIG_INVALID: { status: 500, retryable: false },
  YUNWEI_DATA_FOLDER_BUSY: { status: 500, retryable: false },
  YUNWEI_DATA_FOLDER_CORRUPT: { status: 500, retryable: false },
  YUNWEI_ENGINE_FAILED: { status: 500, retryable: false },
  YUNWEI_UNAUTHENTICATED: { status: 401, retryable: false },
  YUNWEI_FORBIDDEN: { status: 403, retryable: false },
  YUNWEI_NOT_FOUND: { status: 404, retryable: false },
  YUNWEI_BODY_INVALID: { status: 400, retryable: false },
  YUNWEI_CONFLICT: { status: 409, retryable: false },
  YUNWEI_TOO_MANY_REQUESTS: { status: 429, retryable: true },
  YUNWEI_QUOTA_EXCEEDED: { status: 429, retryable: true },
  YUNWEI_OTLP_INVALID: { status: 400, retryable: false },
  YUNWEI_OTLP_TYPE_UNSUPPORTED: { status: 415, retryable: false },
  YUNWEI_OTLP_TOO_LARGE: { status: 413, retryable: false },
  YUNWEI_BUS_UNAVAILABLE: { status: 503, retryable: true },
  YUNWEI_BUS_MESSAGE_TOO_LARGE: { status: 413, retryable: false },
  YUNWEI_STORE_UNAVAILABLE: { status: 503, retryable: true },
  YUNWEI_STORE_REFUSED: { status: 500, retryable: false },
  YUNWEI_STATE_UNAVAILABLE: { status: 503, retryable: true },
  YUNWEI_POLICY_INVALID: { status: 400, retryable: false },
  YUNWEI_TOPOLOGY_INVALID: { status: 400, retryable: false },
  YUNWEI_INCIDENT_MOVE: { status: 409, retryable: false },
  YUNWEI_INCIDENT_FIELDS: { status: 400, retryable: false },
  YUNWEI_CHANNEL_FAILED: { status: 502, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The one error class: branch on `code`, never on message text. Messages say what to do next. */
export class YunweiError extends Error {
  readonly code: ErrorCode;
  /** Facts for the client, e.g. every bad line of a file; never secrets. */
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions & { details?: unknown }) {
    super(message, options);
    this.name = "YunweiError";
    this.code = code;
    this.details = options?.details;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}
