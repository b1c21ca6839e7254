import type { CallContext } from '../../contract/call-context.ts';
import { CALL_FLAGS, CALL_METRICS, PIPELINE_METRICS, PROVIDER_METRICS } from '../../contract/metrics.ts';
import { ERROR_MESSAGE_LIMIT, METADATA_LIMIT, NO_TENANT, TEXT_LIMIT } from '../../contract/vocabulary.ts';
import { formatMember, type Operation } from '../call/operation.ts';
import type { Failure } from '../failure/failure.ts';
import { computeFingerprint, normalise } from '../failure/fingerprint.ts';
import { redactText, truncate } from '../privacy/redact.ts';
import { formatCallerText, formatUserId } from './caller-text.ts';

/** No line is longer, in bytes; what is too long loses its metadata and measures, and says so. */
export const LINE_LIMIT = 32_768;

const ERROR_TYPE_LIMIT = 64;

/** One call as its line tells it. */
export interface CallRecord {
  call: CallContext;
  traceId: string | undefined;
  startedAtMs: number;
  finishedAtMs: number;
  durationMs: number;
  coldStart: boolean;
  attempts: number;
  failure: Failure | undefined;
  requestBytes?: number | undefined;
  responseBytes?: number | undefined;
  costUsd?: number | undefined;
  /** Redacted already. */
  metadata?: Record<string, unknown> | undefined;
  measures?: Record<string, number> | undefined;
  /** Lines and fields lost since the last line that told of losses. */
  dropped?: number;
}

const word = (key: string, value: string | undefined): string =>
  value === undefined || value === '' ? '' : `,"${key}":${formatCallerText(value, TEXT_LIMIT)}`;

const number = (key: string, value: number | undefined): string => (value === undefined ? '' : `,"${key}":${value}`);

const aboutFailure = (site: Operation, failure: Failure): string => {
  const type = truncate(redactText(failure.type).replace(/[^\w.:-]+/g, '_'), ERROR_TYPE_LIMIT) || 'unknown';
  const message = normalise(failure.message, ERROR_MESSAGE_LIMIT);
  return (
    formatMember('error_code', failure.code) +
    formatMember('error_type', type) +
    formatMember('error_message', message) +
    formatMember('error_fingerprint', computeFingerprint(site.name, failure.code, type, message)) +
    formatMember('fault', failure.fault) +
    `,"retryable":${failure.retryable}`
  );
};

const levelOf = (site: Operation, failure: Failure | undefined, durationMs: number): string => {
  if (failure && failure.fault !== 'caller') return failure.fault === 'dependency' ? 'WARN' : 'ERROR';
  if (durationMs > site.criticalMs) return 'ERROR';
  return durationMs > site.slowMs && site.kind !== 'tool' ? 'WARN' : 'INFO';
};

const extras = ({ metadata, measures }: CallRecord): string => {
  if (!metadata && !measures) return '';
  const json = metadata ? JSON.stringify(metadata) : '';
  const fits = json.length * 3 <= METADATA_LIMIT || Buffer.byteLength(json) <= METADATA_LIMIT;
  return (
    (metadata ? `,"metadata":${fits ? json : '{"cut":true}'}` : '') +
    (measures ? `,"measures":${JSON.stringify(measures)}` : '')
  );
};

const assemble = (site: Operation, told: CallRecord, more: string): string => {
  const { call, failure, dropped = 0 } = told;
  const durationMs = Math.round(told.durationMs * 1_000) / 1_000;
  return (
    site.beforeTimestamp +
    told.finishedAtMs +
    (dropped > 0 ? site.afterTimestampWithLosses : site.afterTimestamp) +
    `,"level":"${levelOf(site, failure, durationMs)}","event_id":"${call.event_id}"` +
    `,"started_at":"${new Date(told.startedAtMs).toISOString()}"` +
    `,"finished_at":"${new Date(Math.max(told.startedAtMs, told.finishedAtMs)).toISOString()}"` +
    `,"cold_start":${told.coldStart},"success":${failure === undefined}` +
    (failure ? aboutFailure(site, failure) : '') +
    `,"attempts":${told.attempts}` +
    word('tenant_id', call.tenant_id ?? NO_TENANT) +
    (call.user_id ? `,"user_id":${formatUserId(call.user_id, TEXT_LIMIT)}` : '') +
    word('session_id', call.session_id) +
    word('source_gpt', call.source_gpt) +
    word('client_name', call.client_name) +
    word('client_version', call.client_version) +
    word('user_agent', call.user_agent) +
    word('correlation_id', call.correlation_id) +
    (told.traceId ? `,"trace_id":"${told.traceId}"` : '') +
    (call.parent_id ? `,"parent_id":"${call.parent_id}"` : '') +
    number('request_bytes', told.requestBytes) +
    number('response_bytes', told.responseBytes) +
    number('cost_usd', told.costUsd) +
    more +
    `,"${CALL_FLAGS.callerError}":${failure?.fault === 'caller' ? 1 : 0}` +
    `,"${CALL_FLAGS.slow}":${durationMs > site.slowMs ? 1 : 0}` +
    site.dimensions +
    (site.provider ? `,"${PROVIDER_METRICS.failed}":${failure?.fault === 'dependency' ? 1 : 0}` : '') +
    (dropped > 0 ? `,"${PIPELINE_METRICS.telemetryDropped}":${dropped}` : '') +
    `,"${CALL_METRICS.duration}":${durationMs}` +
    `,"${CALL_METRICS.error}":${failure && failure.fault !== 'caller' ? 1 : 0}}`
  );
};

/** The one line of a call: record, log entry and EMF document at once. Its strings hold no secret and no control character. */
export const formatLine = (site: Operation, told: CallRecord): string => {
  const line = assemble(site, told, extras(told));
  if (line.length * 3 <= LINE_LIMIT || Buffer.byteLength(line) <= LINE_LIMIT) return line;
  return assemble(site, told, ',"metadata":{"cut":true}');
};
