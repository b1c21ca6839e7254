import { Logger } from '@aws-lambda-powertools/logger';
import type { CallContext } from '../contract/call-context.ts';
import { addCost, addMeasure, timeDependency } from './gather.ts';
import { type Scope, signalOf } from './scope.ts';
import { ToolError } from './tool-error.ts';
import { meaningOfStatus, retryAfterSeconds } from './upstream.ts';
import { uuidV7 } from './uuid.ts';

export interface FetchOptions extends RequestInit {
  /** Statuses the tool itself knows what to do with; every other that is no success is thrown as a `ToolError`. */
  expect?: readonly number[];
}

/** What a tool is given beside its arguments. */
export interface ToolContext<Setting extends string = string> {
  /** Aborted when the call's time is over or its caller is gone. */
  readonly signal: AbortSignal;
  /** Powertools' Logger; every entry carries the call's `correlation_id`. */
  readonly logger: Logger;
  /** The environment variables the facts name in `settings`. */
  readonly settings: Readonly<Record<Setting, string>>;
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
  /** The context to hand to another tool called from this one. */
  nested(): CallContext;
}

let base: Logger | undefined;

const loggerOf = (scope: Scope): Logger => {
  base ??= new Logger();
  const { call, trace_id } = scope.incoming;
  return base.createChild({
    persistentKeys: { correlation_id: call.correlation_id, event_id: call.event_id, trace_id, tool: scope.site.name },
  });
};

/** `traceparent` for what this call calls: the same trace, with this call as the parent. */
const traceparentOf = ({ incoming: { call, trace_id } }: Scope): string =>
  `00-${trace_id}-${call.event_id.replaceAll('-', '').slice(16)}-01`;

const hostOf = (input: string | URL): string => new URL(input).hostname;

/** The context of one call. Logger and signal are made when first asked for: most calls need neither. */
export const toolContext = <Setting extends string>(
  scope: Scope,
  settings: Readonly<Record<Setting, string>>,
  provider: string | undefined,
): ToolContext<Setting> => {
  const { call } = scope.incoming;
  let logger: Logger | undefined;

  return {
    get signal() {
      return signalOf(scope);
    },
    get logger() {
      logger ??= loggerOf(scope);
      return logger;
    },
    settings,
    call,
    measure: (name, value, unit) => addMeasure(scope, name, value, unit),
    cost: (usd) => addCost(scope, usd),
    dependency: (name, work) => timeDependency(scope, name, work),
    fetch(input, { expect = [], ...options } = {}) {
      const name = provider ?? hostOf(input);
      const headers = new Headers(options.headers);
      headers.set('traceparent', traceparentOf(scope));
      if (call.tracestate) headers.set('tracestate', call.tracestate);
      headers.set('x-correlation-id', call.correlation_id);
      const signal = options.signal ? AbortSignal.any([options.signal, signalOf(scope)]) : signalOf(scope);
      return timeDependency(scope, name, async () => {
        const response = await globalThis.fetch(input, { ...options, headers, signal });
        if (response.ok || expect.includes(response.status)) return response;
        const seconds = retryAfterSeconds(response.headers.get('retry-after'), Date.now());
        const { code, fault, retryable } = meaningOfStatus(response.status);
        throw new ToolError(code, `${name} answered ${response.status}`, {
          fault,
          retryable,
          type: `http_${response.status}`,
          ...(seconds !== undefined && { retryAfterSeconds: seconds }),
        });
      });
    },
    nested: () => ({
      ...call,
      event_id: uuidV7(Date.now()),
      parent_id: call.event_id,
      traceparent: traceparentOf(scope),
    }),
  };
};
