import * as z from 'zod';
import type { ErrorCode, Fault } from '../contract/invocation.ts';
import { toolFailure } from '../contract/tool-reply.ts';
import { NATURE_OF_CODE, ToolError } from './tool-error.ts';
import { meaningOfErrorCode, meaningOfStatus, type UpstreamMeaning } from './upstream.ts';

/** A call that failed: what happened, whose fault it is, and what the caller is told. */
export interface Failure {
  code: ErrorCode;
  fault: Fault;
  /** One word of few: an exception's class, `http_503`, `timeout`, `invalid_input`. */
  type: string;
  /** For those who keep the tool; it is redacted and normalised before it leaves. */
  message: string;
  /** For the model that called, when that is not the same. */
  told?: string;
  retryable: boolean;
  retryAfterSeconds?: number;
  /** The exception's stack, when it says where to look. */
  stack?: string;
}

const SORRY = 'The tool failed by a fault of its own, which has been recorded. Trying again will not help.';

const ofMeaning = (meaning: UpstreamMeaning, type: string, message: string, provider: string): Failure => ({
  ...meaning,
  type,
  message,
  told:
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

const networkMeaning = (error: { code?: unknown; cause?: unknown }): [UpstreamMeaning, string] | undefined => {
  for (const { code } of [error, (error.cause ?? {}) as { code?: unknown }]) {
    const meaning = typeof code === 'string' ? meaningOfErrorCode(code) : undefined;
    if (meaning) return [meaning, String(code)];
  }
  return undefined;
};

/** Judges anything a tool or a piece of work threw. `provider` is who is named when the fault is a dependency's. */
export const failureOfThrown = (thrown: unknown, provider = 'A service this tool depends on'): Failure => {
  if (thrown instanceof ToolError) {
    const { code, fault, type, message, retryable, retryAfterSeconds } = thrown;
    return { code, fault, type, message, retryable, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  }
  if (!(thrown instanceof Error)) {
    return {
      ...INTERNAL,
      type: 'thrown_value',
      message: typeof thrown === 'string' ? thrown : `threw ${typeof thrown}`,
    };
  }
  const status = statusOf(thrown);
  if (status !== undefined) return ofMeaning(meaningOfStatus(status), `http_${status}`, thrown.message, provider);
  const network = networkMeaning(thrown);
  if (network) return ofMeaning(network[0], network[1], thrown.message, provider);
  if (thrown.name === 'TimeoutError') return ofMeaning(UPSTREAM_TIMEOUT, 'timeout', thrown.message, provider);
  return { ...INTERNAL, type: thrown.name, message: thrown.message, ...(thrown.stack && { stack: thrown.stack }) };
};

const INTERNAL = { code: 'INTERNAL_ERROR', fault: 'ours', retryable: false, told: SORRY } as const;
const UPSTREAM_TIMEOUT = { code: 'TIMEOUT', fault: 'dependency', retryable: true } as const;

/** Arguments that do not fit the tool's input: the caller reads which and why. */
export const invalidInput = (error: z.core.$ZodError): Failure => ({
  code: 'INVALID_INPUT',
  fault: 'caller',
  type: 'invalid_input',
  message: z.prettifyError(error),
  retryable: false,
});

/** A result that does not fit the tool's own output: nobody's fault but ours. */
export const invalidOutput = (message: string): Failure => ({ ...INTERNAL, type: 'invalid_output', message });

/** A tool that took longer than it may. Whoever it was waiting for is to blame. */
export const timedOut = (afterMs: number, waitingForDependency: boolean): Failure => ({
  code: 'TIMEOUT',
  fault: waitingForDependency ? 'dependency' : 'ours',
  type: 'timeout',
  message: `No result within ${afterMs} ms`,
  retryable: true,
});

/** A caller that went away before there was a result. */
export const cancelled = (): Failure => ({
  code: 'TIMEOUT',
  fault: 'caller',
  type: 'cancelled',
  message: 'The caller cancelled the call',
  retryable: true,
});

const textOfContent = (content: unknown): string | undefined => {
  if (!Array.isArray(content)) return undefined;
  const texts = content.map((part: { text?: unknown } | null) => part?.text).filter((text) => typeof text === 'string');
  return texts.length > 0 ? texts.join('\n') : undefined;
};

/** A result that says `isError: true`: another tool's failure handed on as it is, or an MCP result's text. */
export const failureOfErrorResult = (result: object): Failure => {
  const handedOn = toolFailure.safeParse(result);
  if (handedOn.success) {
    const { code, fault, message, retryable } = handedOn.data;
    return { code, fault, message, retryable, type: 'tool_error' };
  }
  const { message, content } = result as { message?: unknown; content?: unknown };
  const words = typeof message === 'string' ? message : textOfContent(content);
  return { code: 'INTERNAL_ERROR', ...NATURE_OF_CODE.INTERNAL_ERROR, type: 'tool_error', message: words ?? 'isError' };
};
