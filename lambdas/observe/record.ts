import type { CallContext } from '../contract/call-context.ts';
import { ERROR_MESSAGE_LIMIT, NO_TENANT, TEXT_LIMIT } from '../contract/invocation.ts';
import { CALL_METRICS } from '../contract/metrics.ts';
import type { Failure } from './failure.ts';
import { fingerprint, normalise } from './fingerprint.ts';
import { cut, redactText } from './redact.ts';
import { member, type Site } from './site.ts';

/** One call as its line tells it. */
export interface Told {
  call: CallContext;
  trace_id?: string | undefined;
  startedAtMs: number;
  finishedAtMs: number;
  durationMs: number;
  coldStart: boolean;
  attempts: number;
  failure?: Failure | undefined;
  requestBytes?: number | undefined;
  responseBytes?: number | undefined;
  costUsd?: number | undefined;
  metadata?: Record<string, unknown> | undefined;
  measures?: Record<string, number> | undefined;
}

const text = (key: string, value: string | undefined): string => (value ? member(key, cut(value, TEXT_LIMIT)) : '');
const number = (key: string, value: number | undefined): string => (value === undefined ? '' : `,"${key}":${value}`);
const json = (key: string, value: object | undefined): string =>
  value === undefined ? '' : `,"${key}":${JSON.stringify(value)}`;

const aboutFailure = (site: Site, failure: Failure): string => {
  const type = cut(redactText(failure.type), TEXT_LIMIT);
  const message = cut(normalise(redactText(failure.message)), ERROR_MESSAGE_LIMIT);
  return (
    member('error_code', failure.code) +
    member('error_type', type) +
    member('error_message', message) +
    member('error_fingerprint', fingerprint(site.name, failure.code, type, message)) +
    member('fault', failure.fault) +
    `,"retryable":${failure.retryable}`
  );
};

const levelOf = (failure: Failure | undefined): string => {
  if (!failure || failure.fault === 'caller') return 'INFO';
  return failure.fault === 'dependency' ? 'WARN' : 'ERROR';
};

/** The one line of a call: record, log entry and EMF document at once. */
export const lineOf = (site: Site, told: Told): string => {
  const { call, failure } = told;
  const duration = Math.round(told.durationMs * 1_000) / 1_000;
  return (
    site.head[0] +
    told.finishedAtMs +
    site.head[1] +
    `,"level":"${levelOf(failure)}"` +
    member('event_id', call.event_id) +
    member('started_at', new Date(told.startedAtMs).toISOString()) +
    member('finished_at', new Date(told.finishedAtMs).toISOString()) +
    `,"cold_start":${told.coldStart},"success":${failure === undefined}` +
    (failure ? aboutFailure(site, failure) : '') +
    number('attempts', told.attempts) +
    text('tenant_id', call.tenant_id ?? NO_TENANT) +
    text('user_id', call.user_id) +
    text('session_id', call.session_id) +
    text('source_gpt', call.source_gpt) +
    text('client_name', call.client_name) +
    text('client_version', call.client_version) +
    text('user_agent', call.user_agent) +
    text('correlation_id', call.correlation_id) +
    text('trace_id', told.trace_id) +
    text('parent_id', call.parent_id) +
    number('request_bytes', told.requestBytes) +
    number('response_bytes', told.responseBytes) +
    number('cost_usd', told.costUsd) +
    json('metadata', told.metadata) +
    json('measures', told.measures) +
    site.dimensions +
    `,"${CALL_METRICS.duration}":${duration}` +
    `,"${CALL_METRICS.error}":${failure && failure.fault !== 'caller' ? 1 : 0}` +
    `,"${CALL_METRICS.callerError}":${failure?.fault === 'caller' ? 1 : 0}` +
    `,"${CALL_METRICS.slow}":${duration > site.slowMs ? 1 : 0}}`
  );
};
