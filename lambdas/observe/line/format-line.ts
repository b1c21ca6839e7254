import type { CallContext } from '../../contract/call-context.ts';
import { fitMetadata } from '../../contract/fit-metadata.ts';
import {
  ALTERED_KEY,
  ATTEMPTS_LIMIT,
  DURATION_LIMIT_MS,
  ERROR_MESSAGE_LIMIT_BYTES,
  fitsInBytes,
  isByteCount,
  isCost,
  isMeasure,
  LINE_LIMIT_BYTES,
  MEASURES_LIMIT,
} from '../../contract/limits.ts';
import { CALL_FLAGS, CALL_METRICS, PIPELINE_METRICS, PROVIDER_METRICS } from '../../contract/metrics.ts';
import { formatMember, type Operation } from '../call/operation.ts';
import type { Failure } from '../failure/failure.ts';
import { computeFingerprint, normalise } from '../failure/fingerprint.ts';
import { redactText, truncate } from '../privacy/redact.ts';
import { addRefusedClaims, addUnverifiedLabels } from './caller-claims.ts';
import { formatCallerText, formatClaimedId, formatId, formatTenant, formatUserId } from './caller-text.ts';
import { fitKey, fitWords } from './fit-text.ts';
import { formatIsoTime } from './iso-time.ts';

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

function formatText(key: string, value: string | undefined, format: (text: string) => string): string {
  return value === undefined || value === '' ? '' : `,"${key}":${format(value)}`;
}

function formatNumber(key: string, value: number | undefined, isValid: (value: unknown) => boolean): string {
  return isValid(value) ? `,"${key}":${value}` : '';
}

/** A number within its limits; the lowest for what is not a number. */
function clamp(value: number, lowest: number, highest: number): number {
  return value >= lowest ? Math.min(value, highest) : lowest;
}

/** What a failure without a message says, because an empty text counts as absent. */
const NO_MESSAGE = 'no message';

function formatFailure(operation: Operation, failure: Failure): string {
  const type = truncate(redactText(failure.type).replace(/[^\w.:-]+/g, '_'), ERROR_TYPE_LIMIT) || 'unknown';
  const message =
    fitWords(normalise(failure.message, ERROR_MESSAGE_LIMIT_BYTES), ERROR_MESSAGE_LIMIT_BYTES) || NO_MESSAGE;
  return (
    formatMember('error_code', failure.code) +
    formatMember('error_type', type) +
    formatMember('error_message', message) +
    formatMember('error_fingerprint', computeFingerprint(operation.name, failure.code, type, message)) +
    formatMember('fault', failure.fault) +
    `,"retryable":${failure.retryable}`
  );
}

function levelOf(operation: Operation, failure: Failure | undefined, durationMs: number): string {
  if (failure && failure.fault !== 'caller') return failure.fault === 'dependency' ? 'WARN' : 'ERROR';
  if (durationMs > operation.criticalMs) return 'ERROR';
  return durationMs > operation.slowMs && operation.warnsWhenSlow ? 'WARN' : 'INFO';
}

function formatJsonMember(key: string, value: object): string {
  return `,"${key}":${JSON.stringify(value)}`;
}

/** Of metadata that many calls share, and that is frozen for that reason. */
const formattedMetadata = new WeakMap<object, string>();

function formatMetadata(metadata: CallRecord['metadata']): string {
  if (!metadata) return '';
  const known = formattedMetadata.get(metadata);
  if (known !== undefined) return known;
  const fitted = fitMetadata(metadata);
  const formatted =
    'json' in fitted ? `,"metadata":${fitted.json}` : formatAltered(`metadata: ${fitted.reason}, dropped`);
  if (Object.isFrozen(metadata)) formattedMetadata.set(metadata, formatted);
  return formatted;
}

/** Metadata that says what the line has no room for. */
function formatAltered(...altered: string[]): string {
  return formatJsonMember('metadata', { [ALTERED_KEY]: altered });
}

function formatMeasures(measures: CallRecord['measures']): string {
  if (!measures) return '';
  const figures = Object.entries(measures).filter(([name, value]) => name !== '' && isMeasure(value));
  const retained = figures.slice(0, MEASURES_LIMIT).map(([name, value]) => [fitKey(name), value] as const);
  return formatJsonMember('measures', Object.fromEntries(retained));
}

/** Concatenates the line, because most of its text is fixed per operation. */
function assemble(operation: Operation, record: CallRecord, extras: string): string {
  const { call, failure, dropped = 0 } = record;
  const isCallersFault = failure?.fault === 'caller';
  const durationMs = Math.round(clamp(record.durationMs, 0, DURATION_LIMIT_MS) * 1_000) / 1_000;
  return (
    operation.beforeTimestamp +
    record.finishedAtMs +
    (dropped > 0 || isCallersFault
      ? operation.formatAfterTimestamp({ isCallersFault, hasLosses: dropped > 0 })
      : operation.afterTimestamp) +
    `,"level":"${levelOf(operation, failure, durationMs)}","event_id":"${call.event_id}"` +
    `,"started_at":"${formatIsoTime(record.startedAtMs)}"` +
    `,"finished_at":"${formatIsoTime(Math.max(record.startedAtMs, record.finishedAtMs))}"` +
    `,"cold_start":${record.coldStart},"success":${failure === undefined}` +
    (failure ? formatFailure(operation, failure) : '') +
    `,"attempts":${Math.floor(clamp(record.attempts, 1, ATTEMPTS_LIMIT))}` +
    `,"tenant_id":${formatTenant(call.tenant_id)}` +
    formatText('user_id', call.user_id, formatUserId) +
    formatText('session_id', call.session_id, formatClaimedId) +
    formatText('source_gpt', call.source_gpt, formatCallerText) +
    formatText('client_name', call.client_name, formatCallerText) +
    formatText('client_version', call.client_version, formatCallerText) +
    formatText('user_agent', call.user_agent, formatCallerText) +
    formatText('correlation_id', call.correlation_id || call.event_id, formatId) +
    (record.traceId ? `,"trace_id":"${record.traceId}"` : '') +
    (call.parent_id ? `,"parent_id":"${call.parent_id}"` : '') +
    (call.replay_of ? `,"replay_of":"${call.replay_of}"` : '') +
    formatNumber('request_bytes', record.requestBytes, isByteCount) +
    formatNumber('response_bytes', record.responseBytes, isByteCount) +
    formatNumber('cost_usd', record.costUsd, isCost) +
    extras +
    `,"${CALL_FLAGS.callerError}":${isCallersFault ? 1 : 0}` +
    `,"${CALL_FLAGS.slow}":${durationMs > operation.slowMs ? 1 : 0}` +
    operation.dimensions +
    (operation.provider ? `,"${PROVIDER_METRICS.failed}":${failure?.fault === 'dependency' ? 1 : 0}` : '') +
    (dropped > 0 ? `,"${PIPELINE_METRICS.telemetryDropped}":${dropped}` : '') +
    `,"${CALL_METRICS.duration}":${durationMs}` +
    `,"${CALL_METRICS.error}":${failure && !isCallersFault ? 1 : 0}}`
  );
}

/**
 * The line of a call: record, log entry and EMF document in one. Its strings contain no secret and no control
 * character.
 */
export function formatLine(operation: Operation, record: CallRecord): string {
  const measures = formatMeasures(addRefusedClaims(record.call, record.measures));
  const metadata = formatMetadata(addUnverifiedLabels(record.call, record.metadata));
  const line = assemble(operation, record, metadata + measures);
  if (fitsInBytes(line, LINE_LIMIT_BYTES)) return line;
  const tooLong = `the line is longer than ${LINE_LIMIT_BYTES} bytes, dropped`;
  const shorter = assemble(operation, record, formatAltered(`metadata: ${tooLong}`) + measures);
  if (fitsInBytes(shorter, LINE_LIMIT_BYTES)) return shorter;
  return assemble(operation, record, formatAltered(`metadata: ${tooLong}`, `measures: ${tooLong}`));
}
