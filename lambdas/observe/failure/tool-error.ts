import type { ErrorCode, Fault } from '../../contract/vocabulary.ts';

interface Nature {
  fault: Fault;
  retryable: boolean;
}

/** Whose fault a code is, and whether trying again may help, when nobody says otherwise. */
export const DEFAULTS_BY_CODE: Record<ErrorCode, Nature> = {
  INVALID_INPUT: { fault: 'caller', retryable: false },
  UNAUTHORIZED: { fault: 'caller', retryable: false },
  RATE_LIMITED: { fault: 'dependency', retryable: true },
  TIMEOUT: { fault: 'dependency', retryable: true },
  UPSTREAM_ERROR: { fault: 'dependency', retryable: true },
  INTERNAL_ERROR: { fault: 'ours', retryable: false },
};

export interface ToolErrorOptions {
  /** Who must act; by default what `NATURE_OF_CODE` says of the code. */
  fault?: Fault;
  /** May the same call succeed later? By default what `NATURE_OF_CODE` says of the code. */
  retryable?: boolean;
  /** Not sooner than this. */
  retryAfterSeconds?: number;
  /** What kind of failure it is, in a word of which there are few: `http_503`. Default `tool_error`. */
  type?: string;
  cause?: unknown;
}

/** What a tool throws when it knows what went wrong. The message is shown to the model that called. */
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
