import { invocation } from '../../contract/invocation.ts';
import { CALL_METRICS } from '../../contract/metrics.ts';
import { SCHEMA } from '../../contract/vocabulary.ts';
import { LINE_LIMIT } from './format-line.ts';
import { timeOfUuidV7 } from './uuid.ts';

type Line = Record<string, unknown>;

const OUTCOME = ['error_code', 'error_type', 'error_message', 'error_fingerprint', 'fault'] as const;

/** What the record's schema cannot say: a failure tells everything about itself, a success nothing. */
const aboutOutcome = (line: Line): string[] =>
  line.success === true
    ? OUTCOME.filter((key) => key in line).map((key) => `${key} stands on a success`)
    : [...OUTCOME, 'retryable'].filter((key) => !(key in line)).map((key) => `${key} is missing on a failure`);

const aboutTime = ({ event_id, started_at, finished_at }: Line): string[] => {
  const id = String(event_id);
  const started = Date.parse(String(started_at));
  return [
    ...(id[14] === '7' && timeOfUuidV7(id) !== started ? ['started_at is not the time inside event_id'] : []),
    ...(Date.parse(String(finished_at)) < started ? ['finished_at is before started_at'] : []),
  ];
};

interface Directive {
  Namespace?: unknown;
  Dimensions?: unknown;
  Metrics?: { Name?: unknown }[];
}

/** CloudWatch refuses a document silently: what it would miss is said here. */
const aboutMetrics = (line: Line): string[] => {
  const directives = (line._aws as { CloudWatchMetrics?: Directive[] } | undefined)?.CloudWatchMetrics;
  if (!Array.isArray(directives)) return ['_aws.CloudWatchMetrics is missing: no metric, so no alarm'];
  const timestamp = (line._aws as { Timestamp?: unknown }).Timestamp;
  const metrics = directives.flatMap(({ Metrics }) => (Metrics ?? []).map(({ Name }) => String(Name)));
  const dimensions = directives.flatMap(({ Dimensions }) => (Array.isArray(Dimensions) ? Dimensions.flat() : []));
  return [
    ...(Number.isInteger(timestamp) ? [] : ['_aws.Timestamp is not a whole number of milliseconds']),
    ...Object.values(CALL_METRICS)
      .filter((name) => !metrics.includes(name))
      .map((name) => `${name} is not among the metrics`),
    ...metrics.filter((name) => typeof line[name] !== 'number').map((name) => `${name} is a metric but no number`),
    ...dimensions
      .filter((name) => typeof line[String(name)] !== 'string')
      .map((name) => `${name} is a dimension but no string`),
  ];
};

const LEVELS = ['INFO', 'WARN', 'ERROR', 'CRITICAL'];

/**
 * What is wrong with one line of a log, in words; nothing when it is a good record. `undefined` when it is no record
 * at all, as most lines of a log are none.
 */
export const checkLine = (text: string): string[] | undefined => {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return text.includes(SCHEMA) ? ['it is not JSON: nothing may stand before or after the object'] : undefined;
  }
  if (typeof line !== 'object' || line === null || !('schema' in line)) return undefined;
  if (line.schema !== SCHEMA) return [`schema is ${JSON.stringify(line.schema)}, not "${SCHEMA}"`];
  const parsed = invocation.safeParse(line);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  const known = line as Line;
  return [
    ...(Buffer.byteLength(text) > LINE_LIMIT ? [`it is longer than ${LINE_LIMIT} bytes`] : []),
    ...(LEVELS.includes(String(known.level))
      ? []
      : [`level is not one of ${LEVELS.join(', ')}: a log filter may drop it`]),
    ...(/\\u0000/.test(text) ? ['it has a NUL character, which no database text holds'] : []),
    ...aboutOutcome(known),
    ...aboutTime(known),
    ...aboutMetrics(known),
  ];
};
