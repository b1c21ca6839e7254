import type { CallContext } from '../../contract/call-context.ts';
import { CALL_FLAGS, CALL_METRICS, PIPELINE_METRICS, PROVIDER_METRICS } from '../../contract/metrics.ts';
import { ERROR_MESSAGE_LIMIT, METADATA_LIMIT, NO_TENANT, TEXT_LIMIT } from '../../contract/vocabulary.ts';
import { formatMember, type Operation } from '../call/operation.ts';
import type { Failure } from '../failure/failure.ts';
import { computeFingerprint, normalise } from '../failure/fingerprint.ts';
import { redactText, truncate } from '../privacy/redact.ts';
import { formatCallerText, formatUserId } from './caller-text.ts';

/** The maximum length of a line, in bytes. A longer one is written without metadata and measures, and says so. */
export const LINE_LIMIT = 32_768;

const ERROR_TYPE_LIMIT = 64;

/** The data of one call, before it is formatted as a line. */
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
  /** Must be redacted already. */
  metadata?: Record<string, unknown> | undefined;
  measures?: Record<string, number> | undefined;
  /** Lines and fields lost since the last line that reported losses. */
  dropped?: number;
}

const formatText = (key: string, value: string | undefined): string =>
  value === undefined || value === '' ? '' : `,"${key}":${formatCallerText(value, TEXT_LIMIT)}`;

const formatNumber = (key: string, value: number | undefined): string =>
  value === undefined ? '' : `,"${key}":${value}`;

const formatFailure = (operation: Operation, failure: Failure): string => {
  const type = truncate(redactText(failure.type).replace(/[^\w.:-]+/g, '_'), ERROR_TYPE_LIMIT) || 'unknown';
  const message = normalise(failure.message, ERROR_MESSAGE_LIMIT);
  return (
    formatMember('error_code', failure.code) +
    formatMember('error_type', type) +
    formatMember('error_message', message) +
    formatMember('error_fingerprint', computeFingerprint(operation.name, failure.code, type, message)) +
    formatMember('fault', failure.fault) +
    `,"retryable":${failure.retryable}`
  );
};

const levelOf = (operation: Operation, failure: Failure | undefined, durationMs: number): string => {
  if (failure && failure.fault !== 'caller') return failure.fault === 'dependency' ? 'WARN' : 'ERROR';
  if (durationMs > operation.criticalMs) return 'ERROR';
  return durationMs > operation.slowMs && operation.kind !== 'tool' ? 'WARN' : 'INFO';
};

const CUT_METADATA = '{"cut":true}';

/** True when the text has at most `limit` bytes. A UTF-16 unit has at most three, so most texts need no measuring. */
const fitsInBytes = (text: string, limit: number): boolean =>
  text.length * 3 <= limit || Buffer.byteLength(text) <= limit;

const formatExtras = ({ metadata, measures }: CallRecord): string => {
  if (!metadata && !measures) return '';
  const json = metadata ? JSON.stringify(metadata) : '';
  return (
    (metadata ? `,"metadata":${fitsInBytes(json, METADATA_LIMIT) ? json : CUT_METADATA}` : '') +
    (measures ? `,"measures":${JSON.stringify(measures)}` : '')
  );
};

/** Concatenates the line, because most of its text is fixed per operation. */
const assemble = (operation: Operation, record: CallRecord, extras: string): string => {
  const { call, failure, dropped = 0 } = record;
  const durationMs = Math.round(record.durationMs * 1_000) / 1_000;
  return (
    operation.beforeTimestamp +
    record.finishedAtMs +
    (dropped > 0 ? operation.afterTimestampWithLosses : operation.afterTimestamp) +
    `,"level":"${levelOf(operation, failure, durationMs)}","event_id":"${call.event_id}"` +
    `,"started_at":"${new Date(record.startedAtMs).toISOString()}"` +
    `,"finished_at":"${new Date(Math.max(record.startedAtMs, record.finishedAtMs)).toISOString()}"` +
    `,"cold_start":${record.coldStart},"success":${failure === undefined}` +
    (failure ? formatFailure(operation, failure) : '') +
    `,"attempts":${record.attempts}` +
    formatText('tenant_id', call.tenant_id ?? NO_TENANT) +
    (call.user_id ? `,"user_id":${formatUserId(call.user_id, TEXT_LIMIT)}` : '') +
    formatText('session_id', call.session_id) +
    formatText('source_gpt', call.source_gpt) +
    formatText('client_name', call.client_name) +
    formatText('client_version', call.client_version) +
    formatText('user_agent', call.user_agent) +
    formatText('correlation_id', call.correlation_id) +
    (record.traceId ? `,"trace_id":"${record.traceId}"` : '') +
    (call.parent_id ? `,"parent_id":"${call.parent_id}"` : '') +
    formatNumber('request_bytes', record.requestBytes) +
    formatNumber('response_bytes', record.responseBytes) +
    formatNumber('cost_usd', record.costUsd) +
    extras +
    `,"${CALL_FLAGS.callerError}":${failure?.fault === 'caller' ? 1 : 0}` +
    `,"${CALL_FLAGS.slow}":${durationMs > operation.slowMs ? 1 : 0}` +
    operation.dimensions +
    (operation.provider ? `,"${PROVIDER_METRICS.failed}":${failure?.fault === 'dependency' ? 1 : 0}` : '') +
    (dropped > 0 ? `,"${PIPELINE_METRICS.telemetryDropped}":${dropped}` : '') +
    `,"${CALL_METRICS.duration}":${durationMs}` +
    `,"${CALL_METRICS.error}":${failure && failure.fault !== 'caller' ? 1 : 0}}`
  );
};

/**
 * The line of a call: record, log entry and EMF document in one. Its strings contain no secret and no control
 * character.
 */
export const formatLine = (operation: Operation, record: CallRecord): string => {
  const line = assemble(operation, record, formatExtras(record));
  return fitsInBytes(line, LINE_LIMIT) ? line : assemble(operation, record, `,"metadata":${CUT_METADATA}`);
};
