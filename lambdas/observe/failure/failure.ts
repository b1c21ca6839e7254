import { ERROR_CODES, type ErrorCode, FAULTS, type Fault } from '../../contract/vocabulary.ts';
import { interpretErrorCode, interpretStatus, type UpstreamMeaning } from '../call/upstream.ts';
import { DEFAULTS_BY_CODE, ToolError } from './tool-error.ts';

/** A call that failed: what happened, whose fault it is, and what the caller is told. */
export interface Failure {
  code: ErrorCode;
  fault: Fault;
  /** One word of few: an exception's class, `http_503`, `timeout`, `invalid_input`. */
  type: string;
  /** For those who keep the tool; it is redacted and normalised before it leaves. */
  message: string;
  /** For the model that called, when that is not the same. */
  callerMessage?: string;
  retryable: boolean;
  retryAfterSeconds?: number;
  /** True when type and message were chosen outside of the wrapper: they may quote what came in. */
  untrusted?: true;
  /** The exception's stack, when it says where to look. */
  stack?: string;
}

const SORRY = 'The tool failed by a fault of its own, which has been recorded. Trying again will not help.';
const INTERNAL = { code: 'INTERNAL_ERROR', fault: 'ours', retryable: false, callerMessage: SORRY } as const;
const UPSTREAM_TIMEOUT = { code: 'TIMEOUT', fault: 'dependency', retryable: true } as const;

const ofMeaning = (meaning: UpstreamMeaning, type: string, thrown: Error, provider: string): Failure => ({
  ...meaning,
  type,
  message: thrown.message,
  callerMessage:
    meaning.fault === 'ours'
      ? SORRY
      : `${provider} did not answer as it should (${type}).${meaning.retryable ? ' It may work later.' : ''}`,
});

/** The HTTP status an error of some client library carries; undefined when it carries none. */
const statusOf = (error: object): number | undefined => {
  const { status, statusCode, response, $metadata } = error as {
    status?: unknown;
    statusCode?: unknown;
    response?: { status?: unknown };
    $metadata?: { httpStatusCode?: unknown };
  };
  return [status, statusCode, response?.status, $metadata?.httpStatusCode].find(
    (value): value is number => typeof value === 'number' && value >= 300 && value <= 599,
  );
};

const networkMeaning = (error: Error): [UpstreamMeaning, string] | undefined => {
  for (const { code } of [error as { code?: unknown }, (error.cause ?? {}) as { code?: unknown }]) {
    const meaning = typeof code === 'string' ? interpretErrorCode(code) : undefined;
    if (meaning) return [meaning, String(code)];
  }
  return undefined;
};

const judged = (thrown: unknown, provider: string): Failure => {
  if (thrown instanceof ToolError) {
    const { code, fault, type, message, retryable, retryAfterSeconds } = thrown;
    return { code, fault, type, message, retryable, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  }
  if (!(thrown instanceof Error)) {
    const message = typeof thrown === 'string' ? thrown : `threw ${thrown === null ? 'null' : typeof thrown}`;
    return { ...INTERNAL, type: 'thrown_value', message };
  }
  const status = statusOf(thrown);
  if (status !== undefined) return ofMeaning(interpretStatus(status), `http_${status}`, thrown, provider);
  const network = networkMeaning(thrown);
  if (network) return ofMeaning(network[0], network[1], thrown, provider);
  if (thrown.name === 'TimeoutError') return ofMeaning(UPSTREAM_TIMEOUT, 'timeout', thrown, provider);
  const { name, message, stack } = thrown;
  return { ...INTERNAL, type: String(name), message: String(message), ...(stack && { stack: String(stack) }) };
};

/**
 * Judges anything a tool or a piece of work threw, and never throws itself. `provider` is who is named when the fault
 * is a dependency's.
 */
export const failureOfThrown = (thrown: unknown, provider = 'A service this tool depends on'): Failure => {
  try {
    return { ...judged(thrown, provider), untrusted: true };
  } catch {
    return { ...INTERNAL, type: 'unreadable_error', message: 'The error could not be read' };
  }
};

/** What the wrapper needs of a zod error, without zod, which would be most of its weight. */
export interface ValidationError {
  issues: readonly { code?: string; path: readonly PropertyKey[]; message: string }[];
}

/** A mismatch for the log: which declared fields are wrong and how, and nothing the caller sent. */
const outline = ({ issues }: ValidationError, declared: object): string =>
  issues
    .slice(0, 10)
    .map(({ code, path: [field] }) =>
      field !== undefined && Object.hasOwn(declared, field) ? `${code} at ${String(field)}` : `${code}`,
    )
    .join('; ');

/** Arguments that do not fit the tool's input: the caller reads which and why. `declared` are the input's fields. */
export const failureOfInvalidInput = (mismatch: ValidationError, declared: object): Failure => ({
  code: 'INVALID_INPUT',
  fault: 'caller',
  type: 'invalid_input',
  message: outline(mismatch, declared),
  callerMessage: mismatch.issues
    .slice(0, 10)
    .map(({ path, message }) => `${message} at ${path.map(String).join('.') || 'the arguments themselves'}`)
    .join('; '),
  retryable: false,
});

/** A result that does not fit the tool's own output: nobody's fault but ours. */
export const failureOfInvalidOutput = (mismatch: ValidationError, declared: object): Failure => ({
  ...INTERNAL,
  type: 'invalid_output',
  message: outline(mismatch, declared),
});

/** A result that fits but cannot be sent. */
export const failureOfUnsendableResult = (): Failure => ({
  ...INTERNAL,
  type: 'invalid_output',
  message: 'The result cannot be written as JSON',
});

/** A tool that took longer than it may. Whoever it was waiting for is to blame. */
export const failureOfTimeout = (afterMs: number, waitingForDependency: boolean): Failure => ({
  code: 'TIMEOUT',
  fault: waitingForDependency ? 'dependency' : 'ours',
  type: 'timeout',
  message: `No result within ${afterMs} ms`,
  retryable: true,
});

/** A caller that went away before there was a result. */
export const failureOfCancellation = (): Failure => ({
  code: 'TIMEOUT',
  fault: 'caller',
  type: 'cancelled',
  message: 'The caller cancelled the call',
  retryable: true,
});

/** An outside service that is being left alone until `untilMs`, milliseconds since 1970. */
export const failureOfOpenBreaker = (provider: string, untilMs: number, nowMs: number): Failure => ({
  code: 'UPSTREAM_ERROR',
  fault: 'dependency',
  type: 'circuit_open',
  message: `${provider} is unavailable`,
  callerMessage: `${provider} is unavailable. Do not retry before ${new Date(untilMs).toISOString()}; go on without it if you can.`,
  retryable: true,
  retryAfterSeconds: Math.ceil((untilMs - nowMs) / 1_000),
});

/** A call the platform ended: a process out of memory or time, a runtime that exited, a function that could not start. */
export const killed = (type: string, message: string): Failure => ({
  code: /timed? ?out/i.test(`${type} ${message}`) ? 'TIMEOUT' : 'INTERNAL_ERROR',
  fault: 'platform',
  type,
  message,
  callerMessage: 'The platform ended this call before it had a result. It may work if you try again.',
  retryable: true,
});

/** A call of a tool that does not exist. */
export const unknownTool = (): Failure => ({
  code: 'INVALID_INPUT',
  fault: 'caller',
  type: 'unknown_tool',
  message: 'There is no such tool',
  retryable: false,
});

const textOf = (result: { message?: unknown; content?: unknown }): string | undefined => {
  if (typeof result.message === 'string') return result.message;
  if (!Array.isArray(result.content)) return undefined;
  const texts = result.content.flatMap((part: { text?: unknown } | null) =>
    typeof part?.text === 'string' ? [part.text] : [],
  );
  return texts.length > 0 ? texts.join('\n') : undefined;
};

/** A result that says `isError: true`: another tool's failure handed on with its code and fault, or an MCP result's text. */
export const failureOfErrorResult = (result: object): Failure => {
  const { code, fault, retryable } = result as { code?: unknown; fault?: unknown; retryable?: unknown };
  const known = ERROR_CODES.find((one) => one === code) ?? 'INTERNAL_ERROR';
  const nature = DEFAULTS_BY_CODE[known];
  return {
    code: known,
    fault: FAULTS.find((one) => one === fault) ?? nature.fault,
    retryable: typeof retryable === 'boolean' ? retryable : nature.retryable,
    type: 'tool_error',
    untrusted: true,
    message: textOf(result) ?? 'The tool says isError and nothing else',
  };
};
