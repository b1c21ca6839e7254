import type { CallContext } from '../../contract/call-context.ts';
import { toMethod, toRoute } from '../event/http-exchange.ts';
import { ToolError } from '../failure/tool-error.ts';
import { createUuidV7 } from '../line/uuid.ts';
import { loggerOf } from '../log/call-logger.ts';
import type { CallLogger } from '../log/logger-class.ts';
import type { Secrets } from '../secrets/load-secrets.ts';
import type { OwnMetadata } from './annotate.ts';
import { addCost, addMeasure, annotateCall, noteQuota, stateRateLimit, timeDependency } from './gather.ts';
import { formatTraceparent, type ReceivedCall } from './incoming.ts';
import { type Labels, labelCall } from './labels.ts';
import { type RateLimit, readQuota } from './rate-limit.ts';
import { type ReportProgress, type Scope, signalOf } from './scope.ts';
import { readSettings } from './settings.ts';
import { interpretStatus, readRetryAfterSeconds } from './upstream.ts';

export interface FetchOptions extends RequestInit {
  /** Statuses that the tool handles itself; any other status outside 2xx is thrown as a `ToolError`. */
  expect?: readonly number[];
}

/** The HTTP request that an observed handler answers, without what may be a secret or a person's. */
export interface RequestContext {
  /** The correlation id, which the answer's `x-request-id` has too. */
  id: string;
  method: string;
  /** The route's pattern; undefined where the sender has no routes. */
  route: string | undefined;
  startedAt: Date;
  /** Only where the option `recordIp` allows it. */
  ip: string | undefined;
  userAgent: string | undefined;
}

/** What observed work receives. Destructure it; a spread copy lacks what is made on first use. */
export interface WorkContext {
  /** Aborted when the call's time is over or its caller has cancelled it. */
  readonly signal: AbortSignal;
  /** Powertools' Logger; every entry says whose call it belongs to, and secrets are redacted. */
  readonly logger: CallLogger;
  /** Who calls, and in which trace. A service that is given `idempotency_key` recognises a repeated request by it. */
  readonly call: ReceivedCall;
  /** The request that an observed handler answers; undefined for what is no HTTP request. */
  readonly request: RequestContext | undefined;
  /** Adds to a business figure of this call. */
  measure(name: string, value: number, unit?: string): void;
  /** Adds to the cost of this call, in US dollars. */
  cost(usd: number): void;
  /** Says with whom and for whom this call is: instead of what the facts, the options or the rules say. */
  label(labels: Labels): void;
  /** Adds metadata that views read, and that under the keys listed in `capture.metadata`; redacted and bounded. */
  annotate(metadata: OwnMetadata): void;
  /** States how much of a rate limit is used. */
  rateLimit(limit: RateLimit): void;
  /** Runs work that a provider does; its time and its failures are recorded as that provider's. */
  dependency<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** `fetch` with the call's trace headers and signal. Throws a `ToolError` for a status outside 2xx. */
  fetch(input: string | URL, options?: FetchOptions): Promise<Response>;
  /** The call context to send to another tool that this one calls. */
  nested(): CallContext;
}

/** What a tool receives besides its arguments. */
export interface ToolContext<Setting extends string = string, Secret extends string = string> extends WorkContext {
  /** The environment variables that the facts list in `settings`. */
  readonly settings: Readonly<Record<Setting, string>>;
  /** The values of the secrets that the facts list in `secrets`. No line, log or reply of the tool contains one. */
  readonly secrets: Secrets<Secret>;
  /**
   * Says how far the call has come, for tools with the fact `progress`: how much is done, of how much, and a text for
   * people. Where the caller cannot receive it, nothing happens.
   */
  readonly progress: ReportProgress;
}

function ignoreProgress(): void {}

function formatOwnTraceparent({ incoming: { call, trace_id, traceFlags } }: Scope): string {
  return formatTraceparent(call.event_id, trace_id, traceFlags);
}

function buildRequestHeaders(scope: Scope, given: RequestInit['headers']): Headers {
  const { call } = scope.incoming;
  const headers = new Headers(given);
  headers.set('traceparent', formatOwnTraceparent(scope));
  if (call.tracestate) headers.set('tracestate', call.tracestate);
  headers.set('x-correlation-id', call.correlation_id);
  return headers;
}

/** The error for a provider's response; its message has the provider's name and the status, and nothing of the body. */
function errorOfResponse(name: string, response: Response, waitSeconds: number | undefined): ToolError {
  const { code, fault, retryable } = interpretStatus(response.status);
  return new ToolError(code, `${name} answered ${response.status}`, {
    fault,
    retryable,
    type: `http_${response.status}`,
    ...(waitSeconds !== undefined && { retryAfterSeconds: waitSeconds }),
  });
}

/** Fetches on behalf of a call: with its trace headers and signal, counted as the provider's. */
function fetchWithin(
  scope: Scope,
  input: string | URL,
  { expect = [], ...options }: FetchOptions = {},
): Promise<Response> {
  const name = scope.operation.provider ?? new URL(input).hostname;
  const signal = options.signal ? AbortSignal.any([options.signal, signalOf(scope)]) : signalOf(scope);
  return timeDependency(scope, name, async () => {
    const headers = buildRequestHeaders(scope, options.headers);
    const response = await globalThis.fetch(input, { ...options, headers, signal });
    const nowMs = Date.now();
    const waitSeconds = readRetryAfterSeconds(response.headers.get('retry-after'), nowMs);
    const quota = readQuota(response, waitSeconds, nowMs);
    if (quota) noteQuota(scope, name, quota);
    if (response.ok || expect.includes(response.status)) return response;
    throw errorOfResponse(name, response, waitSeconds);
  });
}

function requestOf({ request, incoming: { call, startedAtMs } }: Scope): RequestContext | undefined {
  return (
    request && {
      id: call.correlation_id,
      method: toMethod(request.method),
      route: request.route === undefined ? undefined : toRoute(request.route),
      startedAt: new Date(startedAtMs),
      ip: request.ip,
      userAgent: call.user_agent,
    }
  );
}

/**
 * The context of one call. A class, because creating an object literal with accessors is far slower, and each call
 * creates one. Functions are properties of their own, so that they can be destructured.
 */
class CallWorkContext implements WorkContext {
  readonly #scope: Scope;
  readonly call: ReceivedCall;
  readonly measure: WorkContext['measure'];
  readonly cost: WorkContext['cost'];
  readonly label: WorkContext['label'];
  readonly annotate: WorkContext['annotate'];
  readonly rateLimit: WorkContext['rateLimit'];
  readonly dependency: WorkContext['dependency'];
  readonly fetch: WorkContext['fetch'];
  readonly nested: WorkContext['nested'];

  constructor(scope: Scope) {
    this.#scope = scope;
    this.call = scope.incoming.call;
    this.measure = (name, value, unit) => addMeasure(scope, name, value, unit);
    this.cost = (usd) => addCost(scope, usd);
    this.label = (labels) => labelCall(scope, labels);
    this.annotate = (metadata) => annotateCall(scope, metadata);
    this.rateLimit = (limit) => stateRateLimit(scope, limit);
    this.dependency = (name, work) => timeDependency(scope, name, work);
    this.fetch = (input, options) => fetchWithin(scope, input, options);
    this.nested = () => ({
      ...scope.incoming.call,
      replay_of: undefined,
      refused: undefined,
      idempotency_key: undefined,
      event_id: createUuidV7(Date.now()),
      parent_id: scope.incoming.call.event_id,
      traceparent: formatOwnTraceparent(scope),
    });
  }

  /** Created on first use, like the logger, because most calls need neither. */
  get signal(): AbortSignal {
    return signalOf(this.#scope);
  }

  get logger(): CallLogger {
    return Object.assign(loggerOf(this.#scope), { metric: this.measure });
  }

  get request(): RequestContext | undefined {
    return requestOf(this.#scope);
  }
}

class CallToolContext<Setting extends string, Secret extends string>
  extends CallWorkContext
  implements ToolContext<Setting, Secret>
{
  readonly settings: Readonly<Record<Setting, string>>;
  readonly secrets: Secrets<Secret>;
  readonly progress: ReportProgress;

  constructor(scope: Scope, names: readonly Setting[] | undefined, secrets: Secrets<Secret>) {
    super(scope);
    this.settings = readSettings<Setting>(names);
    this.secrets = secrets;
    this.progress = scope.progress ?? ignoreProgress;
  }
}

/** The context of one call of other work than a tool. */
export function createWorkContext(scope: Scope): WorkContext {
  return new CallWorkContext(scope);
}

/**
 * The context of one call of a tool. Throws, as our own fault, when one of the environment variables `names` is not
 * set.
 */
export function createToolContext<Setting extends string, Secret extends string>(
  scope: Scope,
  names: readonly Setting[] | undefined,
  secrets: Secrets<Secret>,
): ToolContext<Setting, Secret> {
  return new CallToolContext(scope, names, secrets);
}
