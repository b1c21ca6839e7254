import type { Logger } from '@aws-lambda-powertools/logger';
import type { CallContext } from '../../contract/call-context.ts';
import { ToolError } from '../failure/tool-error.ts';
import { createUuidV7 } from '../line/uuid.ts';
import { loggerOf } from './call-logger.ts';
import { addCost, addMeasure, timeDependency } from './gather.ts';
import { formatTraceparent } from './incoming.ts';
import { type Scope, signalOf } from './scope.ts';
import { interpretStatus, readRetryAfterSeconds } from './upstream.ts';

export interface FetchOptions extends RequestInit {
  /** Statuses the tool itself knows what to do with; every other that is no success is thrown as a `ToolError`. */
  expect?: readonly number[];
}

/** What work of any kind is given. */
export interface WorkContext {
  /** Aborted when the call's time is over or its caller is gone. */
  readonly signal: AbortSignal;
  /** Powertools' Logger; every entry carries the call's `correlation_id`, and secrets are redacted. */
  readonly logger: Logger;
  /** Who calls, and in which thread. */
  readonly call: CallContext;
  /** Adds to a business figure of this call. */
  measure(name: string, value: number, unit?: string): void;
  /** Adds to what this call cost, in US dollars. */
  cost(usd: number): void;
  /** Runs a piece of work that an outside service does, so that its time and its failures are told as that service's. */
  dependency<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** `fetch` with the thread's headers and the call's signal. Throws a `ToolError` for a status that is no success. */
  fetch(input: string | URL, options?: FetchOptions): Promise<Response>;
  /** The call context to hand to another tool called from this one. */
  nested(): CallContext;
}

/** What a tool is given beside its arguments. */
export interface ToolContext<Setting extends string = string> extends WorkContext {
  /** The environment variables the facts name in `settings`. */
  readonly settings: Readonly<Record<Setting, string>>;
}

const outgoingHeaders = (
  { incoming: { call, trace_id, traceFlags } }: Scope,
  given: RequestInit['headers'],
): Headers => {
  const headers = new Headers(given);
  headers.set('traceparent', formatTraceparent(call.event_id, trace_id, traceFlags));
  if (call.tracestate) headers.set('tracestate', call.tracestate);
  headers.set('x-correlation-id', call.correlation_id);
  return headers;
};

/** The error that an outside service's answer is; its message names the service and the status and nothing it said. */
export const errorOfResponse = (name: string, response: Response, nowMs: number): ToolError => {
  const { code, fault, retryable } = interpretStatus(response.status);
  const seconds = readRetryAfterSeconds(response.headers.get('retry-after'), nowMs);
  return new ToolError(code, `${name} answered ${response.status}`, {
    fault,
    retryable,
    type: `http_${response.status}`,
    ...(seconds !== undefined && { retryAfterSeconds: seconds }),
  });
};

/** Logger and signal are made when first asked for: most calls need neither. */
export const createWorkContext = (scope: Scope): WorkContext => ({
  get signal() {
    return signalOf(scope);
  },
  get logger() {
    return loggerOf(scope);
  },
  call: scope.incoming.call,
  measure: (name, value, unit) => addMeasure(scope, name, value, unit),
  cost: (usd) => addCost(scope, usd),
  dependency: (name, work) => timeDependency(scope, name, work),
  fetch(input, { expect = [], ...options } = {}) {
    const name = scope.operation.provider ?? new URL(input).hostname;
    const signal = options.signal ? AbortSignal.any([options.signal, signalOf(scope)]) : signalOf(scope);
    return timeDependency(scope, name, async () => {
      const headers = outgoingHeaders(scope, options.headers);
      const response = await globalThis.fetch(input, { ...options, headers, signal });
      if (response.ok || expect.includes(response.status)) return response;
      throw errorOfResponse(name, response, Date.now());
    });
  },
  nested: () => ({
    ...scope.incoming.call,
    event_id: createUuidV7(Date.now()),
    parent_id: scope.incoming.call.event_id,
    traceparent: formatTraceparent(scope.incoming.call.event_id, scope.incoming.trace_id, scope.incoming.traceFlags),
  }),
});
