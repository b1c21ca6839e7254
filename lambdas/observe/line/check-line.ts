import { invocation } from '../../contract/invocation.ts';
import { CALL_METRICS } from '../../contract/metrics.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { SCHEMA } from '../../contract/vocabulary.ts';
import { LINE_LIMIT } from './format-line.ts';
import { timeOfUuidV7 } from './uuid.ts';

type Line = Record<string, unknown>;

const FAILURE_KEYS = ['error_code', 'error_type', 'error_message', 'error_fingerprint', 'fault'] as const;

/** Checks what the record's schema cannot express: a failure has all of these keys, a success none. */
const checkOutcome = (line: Line): string[] =>
  line.success === true
    ? FAILURE_KEYS.filter((key) => key in line).map((key) => `${key} is present on a success`)
    : [...FAILURE_KEYS, 'retryable'].filter((key) => !(key in line)).map((key) => `${key} is missing on a failure`);

const checkTime = ({ event_id, started_at, finished_at }: Line): string[] => {
  const id = String(event_id);
  const startedMs = Date.parse(String(started_at));
  return [
    ...(id[14] === '7' && timeOfUuidV7(id) !== startedMs ? ['started_at is not the time inside event_id'] : []),
    ...(Date.parse(String(finished_at)) < startedMs ? ['finished_at is before started_at'] : []),
  ];
};

interface Directive {
  Namespace?: unknown;
  Dimensions?: unknown;
  Metrics?: { Name?: unknown }[];
}

/** Checks the EMF document, because CloudWatch rejects an invalid one without an error. */
const checkMetrics = (line: Line): string[] => {
  const directives = (line._aws as { CloudWatchMetrics?: Directive[] } | undefined)?.CloudWatchMetrics;
  if (!Array.isArray(directives)) return ['_aws.CloudWatchMetrics is missing: no metrics, so no alarms'];
  const timestamp = (line._aws as { Timestamp?: unknown }).Timestamp;
  const metrics = directives.flatMap(({ Metrics }) => (Metrics ?? []).map(({ Name }) => String(Name)));
  const dimensions = directives.flatMap(({ Dimensions }) => (Array.isArray(Dimensions) ? Dimensions.flat() : []));
  return [
    ...(Number.isInteger(timestamp) ? [] : ['_aws.Timestamp is not a whole number of milliseconds']),
    ...Object.values(CALL_METRICS)
      .filter((name) => !metrics.includes(name))
      .map((name) => `${name} is not among the metrics`),
    ...metrics.filter((name) => typeof line[name] !== 'number').map((name) => `${name} is a metric but not a number`),
    ...dimensions
      .filter((name) => typeof line[String(name)] !== 'string')
      .map((name) => `${name} is a dimension but not a string`),
  ];
};

const LEVELS = ['INFO', 'WARN', 'ERROR', 'CRITICAL'];

const checkText = (text: string, { level }: Line): string[] => [
  ...(Buffer.byteLength(text) > LINE_LIMIT ? [`the line is longer than ${LINE_LIMIT} bytes`] : []),
  ...(LEVELS.includes(String(level))
    ? []
    : [`level is not one of ${LEVELS.join(', ')}: a log filter may drop the line`]),
  ...(/\\u0000/.test(text) ? ['the line contains a NUL character, which the database cannot store'] : []),
];

/**
 * The problems of one log line; empty for a valid record. `undefined` when the line is not a record, as most are not.
 */
export const checkLine = (text: string): string[] | undefined => {
  const line = parseJson(text);
  if (line === undefined) {
    return text.includes(SCHEMA) ? ['the line is not JSON: write nothing before or after the object'] : undefined;
  }
  if (typeof line !== 'object' || line === null || !('schema' in line)) return undefined;
  if (line.schema !== SCHEMA) return [`schema is ${JSON.stringify(line.schema)}, not "${SCHEMA}"`];
  const parsed = invocation.safeParse(line);
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  }
  const record = line as Line;
  return [...checkText(text, record), ...checkOutcome(record), ...checkTime(record), ...checkMetrics(record)];
};
