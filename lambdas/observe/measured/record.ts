import { DURATION_LIMIT_MS } from '../../contract/limits.ts';
import { ERROR_CODES, type ErrorCode, FAULTS, type Fault, KINDS, type Kind } from '../../contract/vocabulary.ts';
import type { OwnMetadata } from '../call/annotate.ts';
import { addCost, addMeasure, annotateCall, stateRateLimit } from '../call/gather.ts';
import { readIncomingCall, readLambdaContext } from '../call/incoming.ts';
import { labelCall } from '../call/labels.ts';
import type { RateLimit } from '../call/rate-limit.ts';
import { readCallContext } from '../call/read-call-context.ts';
import { readEntries } from '../call/read-safely.ts';
import { refuse } from '../call/refuse.ts';
import { endCall } from '../call/run-call.ts';
import { addMetadata, currentScope, openScope, type Scope } from '../call/scope.ts';
import { interpretStatus, type UpstreamMeaning } from '../call/upstream.ts';
import { type HttpExchange, isStatus, toMethod, toRoute } from '../event/http-exchange.ts';
import type { Failure } from '../failure/failure.ts';
import { interpretOwnStatus } from '../failure/own-status.ts';
import { DEFAULTS_BY_CODE } from '../failure/tool-error.ts';
import { operationOfWork } from '../observe.ts';

/** What `record` takes besides what happened; the names are those of the record. */
export interface MeasuredDetails {
  /** When it began; by default it ended now. */
  started_at?: Date | string;
  error_code?: ErrorCode;
  /** From a small set of words, such as `http_503`. */
  error_type?: string;
  /** Redacted and normalised before it is written. */
  error_message?: string;
  fault?: Fault;
  retryable?: boolean;
  attempts?: number;
  tenant_id?: string;
  user_id?: string;
  session_id?: string;
  correlation_id?: string;
  parent_id?: string;
  replay_of?: string;
  source_gpt?: string;
  client_name?: string;
  client_version?: string;
  user_agent?: string;
  traceparent?: string;
  gpt_name?: string;
  provider?: string;
  domain?: string;
  request_bytes?: number;
  response_bytes?: number;
  cost_usd?: number;
  metadata?: OwnMetadata;
  /** Keys of metadata of one's own, beside those that views read. */
  metadata_keys?: readonly string[];
  measures?: Readonly<Record<string, number>>;
  rate_limit?: RateLimit;
  http?: HttpExchange;
  /** A longer call counts as slow and is a warning in the log, in milliseconds. */
  slow_ms?: number;
  /** A longer call is an error in the log, in milliseconds. */
  critical_ms?: number;
}

/** A call that was measured elsewhere. */
export interface MeasuredCall extends MeasuredDetails {
  kind: Kind;
  name: string;
  success: boolean;
  duration_ms: number;
}

/** Who must act when nothing else says it: the receiver of a webhook, the service that was called, or we. */
const DEFAULT_CODES: Partial<Record<Kind, ErrorCode>> = { webhook: 'UPSTREAM_ERROR', dependency: 'UPSTREAM_ERROR' };

/** What a status means: of an answer that we gave, or of one that we were given. */
function meaningOf({ kind, http }: MeasuredCall): UpstreamMeaning | undefined {
  if (!isStatus(http?.status) || http.status < 300) return undefined;
  return kind === 'http' || kind === 'tool' ? interpretOwnStatus(http.status) : interpretStatus(http.status);
}

function defaultType({ kind, http }: MeasuredCall): string {
  return isStatus(http?.status) && http.status >= 300 ? `http_${http.status}` : `${kind}_failed`;
}

function failureOf(measured: MeasuredCall): Failure | undefined {
  if (measured.success === true) return undefined;
  const { error_code, fault, retryable, error_type, error_message } = measured;
  const stated = ERROR_CODES.find((code) => code === error_code);
  const meaning = stated === undefined ? meaningOf(measured) : undefined;
  const code = stated ?? meaning?.code ?? DEFAULT_CODES[measured.kind] ?? 'INTERNAL_ERROR';
  const defaults = meaning ?? DEFAULTS_BY_CODE[code];
  return {
    code,
    fault: FAULTS.find((known) => known === fault) ?? defaults.fault,
    retryable: typeof retryable === 'boolean' ? retryable : defaults.retryable,
    type: typeof error_type === 'string' && error_type !== '' ? error_type : defaultType(measured),
    message: typeof error_message === 'string' ? error_message : '',
  };
}

const NOT_LAMBDA = readLambdaContext(undefined);
/** A time outside these is no time that a call began at, in milliseconds since 1970. */
const MIN_TIME_MS = Date.UTC(2000);
const MAX_TIME_MS = Date.UTC(2100);

function readStart({ started_at }: MeasuredCall, durationMs: number, nowMs: number): number {
  const given = started_at instanceof Date ? started_at.getTime() : Date.parse(String(started_at ?? ''));
  const isValid = given >= MIN_TIME_MS && given <= MAX_TIME_MS;
  if (started_at !== undefined && !isValid) {
    refuse(currentScope(), 'The started_at of a record was dropped: it is no time.');
  }
  return Math.round(isValid ? given : nowMs - durationMs);
}

function toHttp({ method, route, status, ip }: HttpExchange): HttpExchange {
  return {
    ...(method !== undefined && { method: toMethod(method) }),
    ...(route !== undefined && { route: toRoute(route) }),
    ...(isStatus(status) && { status }),
    ...(typeof ip === 'string' && ip !== '' && { ip: ip.slice(0, 64) }),
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function fillScope(scope: Scope, measured: MeasuredCall): void {
  const { attempts, request_bytes, response_bytes, cost_usd, measures, metadata, rate_limit, http } = measured;
  const { gpt_name, provider, domain } = measured;
  labelCall(scope, { gptName: gpt_name, provider, domain });
  if (typeof attempts === 'number') scope.attempts = attempts;
  scope.requestBytes = request_bytes;
  scope.responseBytes = response_bytes;
  scope.metadataKeys = Array.isArray(measured.metadata_keys) ? measured.metadata_keys : undefined;
  if (cost_usd !== undefined) addCost(scope, cost_usd);
  for (const [name, value] of readEntries(measures)) addMeasure(scope, name, value as number);
  if (metadata !== undefined) annotateCall(scope, metadata);
  if (isObject(rate_limit)) stateRateLimit(scope, rate_limit);
  if (isObject(http)) addMetadata(scope, { http: toHttp(http) });
}

function findProblem({ kind, name }: MeasuredCall): string | undefined {
  if (!KINDS.some((known) => known === kind)) return `its kind is not one of ${KINDS.join(', ')}`;
  return typeof name === 'string' && name !== '' ? undefined : 'its name is empty or no text';
}

function isDuration(ms: unknown): ms is number {
  return typeof ms === 'number' && ms >= 0 && Number.isFinite(ms);
}

function write(measured: MeasuredCall): void {
  const durationMs = isDuration(measured.duration_ms) ? Math.min(measured.duration_ms, DURATION_LIMIT_MS) : 0;
  const { slow_ms: slowMs, critical_ms: criticalMs } = measured;
  const operation = operationOfWork(measured.kind, measured.name, {
    ...(typeof slowMs === 'number' && { slowMs }),
    ...(typeof criticalMs === 'number' && { criticalMs }),
  });
  const startedAtMs = readStart(measured, durationMs, Date.now());
  const stated = readCallContext({ ...measured, event_id: undefined }, startedAtMs);
  const incoming = readIncomingCall(NOT_LAMBDA, startedAtMs, stated, currentScope()?.incoming);
  Object.assign(incoming.call, stated);
  const scope = openScope(operation, incoming, NOT_LAMBDA, false);
  if (durationMs !== measured.duration_ms) {
    refuse(scope, 'A duration was changed: write duration_ms as milliseconds from 0 to seven days.');
    addMetadata(scope, { altered: [`duration_ms: not 0 to ${DURATION_LIMIT_MS}, stored as ${durationMs}`] });
  }
  fillScope(scope, measured);
  endCall(scope, failureOf(measured), { durationMs, finishedAtMs: Math.round(startedAtMs + durationMs) });
}

/**
 * Writes the line of a call that was measured elsewhere: the same line, with the same limits, metrics and redaction as
 * that of observed work. Inside a call it is recorded as that call's child. Never throws: what is beyond a limit is
 * dropped, counted and named once in the log.
 */
export function record(measured: MeasuredCall): void {
  try {
    const problem = isObject(measured) ? findProblem(measured) : 'it is no object';
    if (problem === undefined) write(measured);
    else refuse(currentScope(), `A record was dropped: ${problem}.`);
  } catch {
    refuse(currentScope(), 'A record was dropped: it cannot be read.');
  }
}
