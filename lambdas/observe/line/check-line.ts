import type { Invocation } from '../../contract/invocation.ts';
import { isDimensionValue, LINE_LIMIT_BYTES } from '../../contract/limits.ts';
import { CALL_METRICS, PROVIDER_METRICS } from '../../contract/metrics.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { SCHEMA } from '../../contract/vocabulary.ts';
import { fitRecord } from './fit-record.ts';
import { timeOfUuidV7 } from './uuid.ts';

type Line = Record<string, unknown>;

const FAILURE_KEYS = ['error_code', 'error_type', 'error_message', 'error_fingerprint', 'fault'] as const;

/** Checks what the record's schema cannot express: a failure has all of these keys, a success none. */
function checkOutcome(line: Line, { success }: Invocation): string[] {
  const isPresent = (key: string) => ![undefined, null, ''].includes(line[key] as never);
  return success
    ? FAILURE_KEYS.filter(isPresent).map((key) => `${key} is present on a success`)
    : [...FAILURE_KEYS, 'retryable'].filter((key) => !isPresent(key)).map((key) => `${key} is missing on a failure`);
}

function checkTime({ event_id, started_at, finished_at }: Invocation): string[] {
  const startedMs = Date.parse(started_at);
  return [
    ...(event_id[14] === '7' && timeOfUuidV7(event_id) !== startedMs
      ? ['started_at is not the time inside event_id']
      : []),
    ...(Date.parse(finished_at) < startedMs ? ['finished_at is before started_at'] : []),
  ];
}

function isObject(value: unknown): value is Line {
  return typeof value === 'object' && value !== null;
}
function listIn(value: unknown, key: string): unknown[] {
  const list = isObject(value) ? value[key] : undefined;
  return Array.isArray(list) ? list.flat() : [];
}

/** What is no metric of a call that failed by its caller's fault, so that such calls hide no failures of others. */
const SHARES_OF_FAILURES: readonly string[] = [CALL_METRICS.error, PROVIDER_METRICS.failed];

/** Checks the EMF document, because CloudWatch rejects an invalid one without an error. */
function checkMetrics(line: Line): string[] {
  const directives = listIn(line._aws, 'CloudWatchMetrics');
  // No alarm reads the metrics of requests, so their lines need none.
  if (directives.length === 0) {
    return line.kind === 'http' ? [] : ['_aws.CloudWatchMetrics is missing: no metrics, so no alarms'];
  }
  const timestamp = isObject(line._aws) ? line._aws.Timestamp : undefined;
  const metrics = directives
    .flatMap((directive) => listIn(directive, 'Metrics'))
    .map((metric) => String(isObject(metric) ? metric.Name : metric));
  const dimensions = directives.flatMap((directive) => listIn(directive, 'Dimensions')).map(String);
  const notCounted = line.fault === 'caller' ? SHARES_OF_FAILURES : [];
  return [
    ...(Number.isInteger(timestamp) ? [] : ['_aws.Timestamp is not a whole number of milliseconds']),
    ...Object.values(CALL_METRICS)
      .filter((name) => !metrics.includes(name) && !notCounted.includes(name))
      .map((name) => `${name} is not among the metrics`),
    ...notCounted
      .filter((name) => metrics.includes(name))
      .map((name) => `${name} is among the metrics of a call that failed by its caller's fault; leave it out there`),
    ...metrics.filter((name) => typeof line[name] !== 'number').map((name) => `${name} is a metric but not a number`),
    ...dimensions
      .filter((name) => typeof line[name] !== 'string')
      .map((name) => `${name} is a dimension but not a string`),
    ...dimensions
      .filter((name) => typeof line[name] === 'string' && !isDimensionValue(line[name]))
      .map((name) => `${name} is a dimension, for which CloudWatch takes only printable ASCII`),
  ];
}

const LEVELS = ['INFO', 'WARN', 'ERROR', 'CRITICAL'];

function checkText(text: string, { level }: Line): string[] {
  return [
    ...(Buffer.byteLength(text) > LINE_LIMIT_BYTES ? [`the line is longer than ${LINE_LIMIT_BYTES} bytes`] : []),
    ...(LEVELS.includes(String(level))
      ? []
      : [`level is not one of ${LEVELS.join(', ')}: a log filter may drop the line`]),
  ];
}

/**
 * The problems of one log line; empty for a valid record. One that begins with `rejected:` keeps ingest from storing the
 * call, one that begins with `altered:` is what ingest changes before it stores the call. `undefined` when the line is
 * not a record, as most are not.
 */
export function checkLine(text: string): string[] | undefined {
  const line = parseJson(text);
  if (line === undefined) {
    return text.includes(SCHEMA)
      ? ['rejected: the line is not JSON: write nothing before or after the object']
      : undefined;
  }
  if (!isObject(line) || !('schema' in line)) return undefined;
  const fitted = fitRecord(line);
  if ('reason' in fitted) return [`rejected: ${fitted.reason}`];
  return [
    ...fitted.altered.map((what) => `altered: ${what}`),
    ...checkText(text, line),
    ...checkOutcome(line, fitted.record),
    ...checkTime(fitted.record),
    ...checkMetrics(line),
  ];
}
