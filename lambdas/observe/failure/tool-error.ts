import type { ErrorCode, Fault } from '../../contract/vocabulary.ts';

interface CodeDefaults {
  fault: Fault;
  retryable: boolean;
}

/** The fault of an error code, and whether a retry may help, unless the error itself says otherwise. */
export const DEFAULTS_BY_CODE: Record<ErrorCode, CodeDefaults> = {
  INVALID_INPUT: { fault: 'caller', retryable: false },
  UNAUTHORIZED: { fault: 'caller', retryable: false },
  RATE_LIMITED: { fault: 'dependency', retryable: true },
  TIMEOUT: { fault: 'dependency', retryable: true },
  UPSTREAM_ERROR: { fault: 'dependency', retryable: true },
  INTERNAL_ERROR: { fault: 'ours', retryable: false },
};

export interface ToolErrorOptions {
  /** Who must act; by default the code's fault in `DEFAULTS_BY_CODE`. */
  fault?: Fault;
  /** True when the same call may succeed later; by default as in `DEFAULTS_BY_CODE`. */
  retryable?: boolean;
  /** The caller should wait at least this long before a retry. */
  retryAfterSeconds?: number;
  /** The kind of failure, from a small set of words such as `http_503`. Default `tool_error`. */
  type?: string;
  cause?: unknown;
}

/** What a tool throws when it knows what went wrong. The model that called reads the message. */
export class ToolError extends Error {
  readonly code: ErrorCode;
  readonly fault: Fault;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly type: string;

  constructor(code: ErrorCode, message: string, options: ToolErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ToolError';
    this.code = code;
    this.fault = options.fault ?? DEFAULTS_BY_CODE[code].fault;
    this.retryable = options.retryable ?? DEFAULTS_BY_CODE[code].retryable;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.type = options.type ?? 'tool_error';
  }
}
