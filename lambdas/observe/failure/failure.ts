import { ERROR_CODES, type ErrorCode, FAULTS, type Fault } from '../../contract/vocabulary.ts';
import { interpretErrorCode, interpretStatus, type UpstreamMeaning } from '../call/upstream.ts';
import { DEFAULTS_BY_CODE, ToolError } from './tool-error.ts';

/** Why a call failed, and who must act. */
export interface Failure {
  code: ErrorCode;
  fault: Fault;
  /** The kind of failure, from a small set of words: an exception's class, `http_503`, `timeout`, `invalid_input`. */
  type: string;
  /** For the tool's authors; it is redacted and normalised before it is written. */
  message: string;
  /** For the model that called, when it must read another message. */
  callerMessage?: string;
  retryable: boolean;
  retryAfterSeconds?: number;
  /** The HTTP status that a provider answered. */
  upstreamStatus?: number;
  /** True when type and message come from outside the wrapper: they may quote arguments. */
  untrusted?: true;
  /** The exception's stack, when it helps to find the error. */
  stack?: string;
}

const INTERNAL_FAILURE_MESSAGE = 'The tool failed because of an internal error, which has been recorded. Do not retry.';
const INTERNAL_FAILURE = {
  code: 'INTERNAL_ERROR',
  fault: 'ours',
  retryable: false,
  callerMessage: INTERNAL_FAILURE_MESSAGE,
} as const;
const UPSTREAM_TIMEOUT = { code: 'TIMEOUT', fault: 'dependency', retryable: true } as const;

function describeUpstreamFailure({ fault, retryable }: UpstreamMeaning, type: string, provider: string): string {
  return fault === 'ours'
    ? INTERNAL_FAILURE_MESSAGE
    : `${provider} failed (${type}). ${retryable ? 'Try again later.' : 'Do not retry.'}`;
}

function failureOfUpstream(meaning: UpstreamMeaning, type: string, thrown: Error, provider: string): Failure {
  return {
    ...meaning,
    type,
    message: thrown.message,
    callerMessage: describeUpstreamFailure(meaning, type, provider),
  };
}

/** The HTTP status in a client library's error; undefined when it has none. */
function statusOf(error: object): number | undefined {
  const { status, statusCode, response, $metadata } = error as {
    status?: unknown;
    statusCode?: unknown;
    response?: { status?: unknown };
    $metadata?: { httpStatusCode?: unknown };
  };
  return [status, statusCode, response?.status, $metadata?.httpStatusCode].find(
    (value): value is number => typeof value === 'number' && value >= 300 && value <= 599,
  );
}

function interpretNetworkError(error: Error): [meaning: UpstreamMeaning, code: string] | undefined {
  for (const { code } of [error as { code?: unknown }, (error.cause ?? {}) as { code?: unknown }]) {
    const meaning = typeof code === 'string' ? interpretErrorCode(code) : undefined;
    if (meaning) return [meaning, String(code)];
  }
  return undefined;
}

function classifyThrown(thrown: unknown, provider: string): Failure {
  if (thrown instanceof ToolError) {
    const { code, fault, type, message, retryable, retryAfterSeconds } = thrown;
    const upstreamStatus = Number(/^http_([1-5]\d\d)$/.exec(type)?.[1] ?? Number.NaN);
    return {
      code,
      fault,
      type,
      message,
      retryable,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(!Number.isNaN(upstreamStatus) && { upstreamStatus }),
    };
  }
  if (!(thrown instanceof Error)) {
    const message = typeof thrown === 'string' ? thrown : `threw ${thrown === null ? 'null' : typeof thrown}`;
    return { ...INTERNAL_FAILURE, type: 'thrown_value', message };
  }
  const status = statusOf(thrown);
  if (status !== undefined) {
    const failure = failureOfUpstream(interpretStatus(status), `http_${status}`, thrown, provider);
    return { ...failure, upstreamStatus: status };
  }
  const networkError = interpretNetworkError(thrown);
  if (networkError) return failureOfUpstream(...networkError, thrown, provider);
  if (thrown.name === 'TimeoutError') return failureOfUpstream(UPSTREAM_TIMEOUT, 'timeout', thrown, provider);
  const { name, message, stack } = thrown;
  return { ...INTERNAL_FAILURE, type: String(name), message: String(message), ...(stack && { stack: String(stack) }) };
}

/**
 * Classifies anything that a tool or other work threw, and never throws itself. `provider` is named to the caller when
 * the fault is a dependency's.
 */
export function failureOfThrown(thrown: unknown, provider = 'A service this tool depends on'): Failure {
  try {
    return { ...classifyThrown(thrown, provider), untrusted: true };
  } catch {
    return { ...INTERNAL_FAILURE, type: 'unreadable_error', message: 'The error could not be read' };
  }
}

/** The parts of a zod error that the wrapper reads. It does not import zod, which would be most of its size. */
export interface ValidationError {
  issues: readonly { code?: string; path: readonly PropertyKey[]; message: string }[];
}

const MAX_ISSUES = 10;

/** A validation error for the log: which declared fields are invalid and how, without any value that was sent. */
function summarizeForLog({ issues }: ValidationError, declared: object): string {
  return issues
    .slice(0, MAX_ISSUES)
    .map(({ code, path: [field] }) =>
      field !== undefined && Object.hasOwn(declared, field) ? `${code} at ${String(field)}` : `${code}`,
    )
    .join('; ');
}

function describeForCaller({ issues }: ValidationError): string {
  return issues
    .slice(0, MAX_ISSUES)
    .map(
      ({ path, message }) => `${message} ${path.length > 0 ? `at ${path.map(String).join('.')}` : 'in the arguments'}`,
    )
    .join('; ');
}

/** Arguments that do not match the tool's input. `declared` are the input's fields. */
export function failureOfInvalidInput(error: ValidationError, declared: object): Failure {
  return {
    code: 'INVALID_INPUT',
    fault: 'caller',
    type: 'invalid_input',
    message: summarizeForLog(error, declared),
    callerMessage: describeForCaller(error),
    retryable: false,
  };
}

/** A result that does not match the tool's own output. `declared` are the output's fields. */
export function failureOfInvalidOutput(error: ValidationError, declared: object): Failure {
  return {
    ...INTERNAL_FAILURE,
    type: 'invalid_output',
    message: summarizeForLog(error, declared),
  };
}

/** A valid result that cannot be written as JSON. */
export function failureOfUnsendableResult(): Failure {
  return {
    ...INTERNAL_FAILURE,
    type: 'invalid_output',
    message: 'The result cannot be written as JSON',
  };
}

/** A valid result that contains the value of a secret, which the caller must not see. */
export function failureOfLeakedSecret(): Failure {
  return {
    ...INTERNAL_FAILURE,
    type: 'secret_in_result',
    message: 'The result contains the value of a secret, so it was withheld',
  };
}

/**
 * A valid result that is too large for the gateway's answer. It is the caller's fault, because how much a tool returns
 * follows from what it was asked, and only the caller can ask for less; nobody should be woken for it.
 */
export function failureOfLargeResult(bytes: number, limit: number): Failure {
  return {
    code: 'INVALID_INPUT',
    fault: 'caller',
    type: 'result_too_large',
    message: `The result takes ${bytes} bytes, more than the ${limit} that can be delivered. Ask for less.`,
    retryable: false,
  };
}

/** An answer of a handler that its sender does not take. It chose the answer itself, so it is our fault. */
export function failureOfLargeAnswer(bytes: number, limit: number): Failure {
  return {
    code: 'INTERNAL_ERROR',
    fault: 'ours',
    type: 'answer_too_large',
    message: `The answer has ${bytes} bytes, more than the ${limit} that can be delivered`,
    retryable: false,
  };
}

/** A call that exceeded its time limit. It is the dependency's fault if the call was waiting for one. */
export function failureOfTimeout(limitMs: number, isWaitingForDependency: boolean): Failure {
  return {
    code: 'TIMEOUT',
    fault: isWaitingForDependency ? 'dependency' : 'ours',
    type: 'timeout',
    message: `No result within ${limitMs} ms`,
    callerMessage: `The tool gave no result within ${limitMs} ms. Ask for less, or try once more.`,
    retryable: true,
  };
}

/** A call that its caller cancelled before there was a result. */
export function failureOfCancellation(): Failure {
  return {
    code: 'TIMEOUT',
    fault: 'caller',
    type: 'cancelled',
    message: 'The caller cancelled the call',
    retryable: true,
  };
}

/** A call that was not made because the provider's breaker is open until `untilMs`, in milliseconds since 1970. */
export function failureOfOpenBreaker(provider: string, untilMs: number, nowMs: number): Failure {
  const until = new Date(untilMs).toISOString();
  return {
    code: 'UPSTREAM_ERROR',
    fault: 'dependency',
    type: 'circuit_open',
    message: `${provider} is unavailable`,
    callerMessage: `${provider} is unavailable. Do not retry before ${until}; continue without it if you can.`,
    retryable: true,
    retryAfterSeconds: Math.ceil((untilMs - nowMs) / 1_000),
  };
}

function textOf(result: { message?: unknown; content?: unknown }): string | undefined {
  if (typeof result.message === 'string') return result.message;
  if (!Array.isArray(result.content)) return undefined;
  const texts = result.content.flatMap((part: { text?: unknown } | null) =>
    typeof part?.text === 'string' ? [part.text] : [],
  );
  return texts.length > 0 ? texts.join('\n') : undefined;
}

/**
 * A result with `isError: true`: another tool's failure that is passed on with its code and fault, or an MCP result.
 */
export function failureOfErrorResult(result: object): Failure {
  const { code, fault, retryable } = result as { code?: unknown; fault?: unknown; retryable?: unknown };
  const knownCode = ERROR_CODES.find((errorCode) => errorCode === code) ?? 'INTERNAL_ERROR';
  const defaults = DEFAULTS_BY_CODE[knownCode];
  return {
    code: knownCode,
    fault: FAULTS.find((knownFault) => knownFault === fault) ?? defaults.fault,
    retryable: typeof retryable === 'boolean' ? retryable : defaults.retryable,
    type: 'tool_error',
    untrusted: true,
    message: textOf(result) ?? 'The tool returned isError without a message',
  };
}
