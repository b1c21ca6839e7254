import { fitMetadata } from '../../contract/fit-metadata.ts';
import { COLUMNS, type Invocation } from '../../contract/invocation.ts';
import {
  ALTERED_KEY,
  ATTEMPTS_LIMIT,
  COST_LIMIT_USD,
  DURATION_LIMIT_MS,
  ERROR_MESSAGE_LIMIT_BYTES,
  isByteCount,
  isCost,
  isMeasure,
  MEASURE_LIMIT,
  MEASURES_LIMIT,
  TEXT_LIMIT_BYTES,
} from '../../contract/limits.ts';
import { CALL_METRICS } from '../../contract/metrics.ts';
import { instant } from '../../contract/time.ts';
import { ERROR_CODES, FAULTS, KINDS, NO_TENANT, SCHEMA } from '../../contract/vocabulary.ts';
import { fitKey, fitTenant, fitWords } from './fit-text.ts';
import { isUuid } from './uuid.ts';

type Line = Record<string, unknown>;
type Field = (typeof COLUMNS)[number];

/** A record as the store takes it, with what had to be altered; or why the line is no record. */
export type FittedRecord = { record: Invocation; altered: string[] } | { reason: string };

/** Says what happens to a field that does not fit. */
type Note = (happened: string) => void;
/** A field's value as the store takes it; undefined when it is dropped. It is never given null or an empty text. */
type Fit<Value> = (given: unknown, note: Note) => Value | undefined;

function isObject(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** Numbers and booleans are what a writer makes of a text such as `3` without quotes. */
function toText(given: unknown, note: Note): string | undefined {
  if (typeof given === 'string') return given;
  if (typeof given === 'number' || typeof given === 'boolean') {
    note('not a text, stored as one');
    return String(given);
  }
  note('not a text, dropped');
  return undefined;
}

function words(limit = TEXT_LIMIT_BYTES): Fit<string> {
  return (given, note) => {
    const text = toText(given, note);
    if (text === undefined) return undefined;
    const fitted = fitWords(text, limit);
    if (fitted !== text) note(`cut to ${limit} bytes and to what the database can store`);
    // A text of nothing but NUL.
    return fitted === '' ? undefined : fitted;
  };
}

const key: Fit<string> = (given, note) => {
  const text = toText(given, note);
  if (text === undefined) return undefined;
  const fitted = fitKey(text);
  if (fitted !== text) note(`longer than ${TEXT_LIMIT_BYTES} bytes or not printable, replaced by a key with a hash`);
  return fitted;
};

const tenant: Fit<string> = (given, note) => {
  const fitted = given === NO_TENANT ? given : fitTenant(given);
  if (fitted !== given) note('not a valid tenant, replaced by a key with a hash');
  return fitted;
};

function oneOf<Value>(values: readonly Value[]): Fit<Value> {
  return (given, note) => {
    const known = values.find((value) => value === given);
    if (known === undefined) note(`not one of ${values.join(', ')}, dropped`);
    return known;
  };
}

const flag: Fit<boolean> = oneOf([true, false]);

const uuid: Fit<string> = (given, note) => {
  if (typeof given === 'string' && isUuid(given)) return given;
  note('not a UUID, dropped');
  return undefined;
};

const hexadecimal: Fit<string> = (given, note) => {
  const text = typeof given === 'string' ? given.toLowerCase() : '';
  const isTraceId = /^[\da-f]{32}$/.test(text);
  if (text !== given || !isTraceId) note(isTraceId ? 'stored in lower case' : 'not 32 hexadecimal digits, dropped');
  return isTraceId ? text : undefined;
};

const UTC_LENGTH = '2026-11-20T18:40:00.000Z'.length;

/** A moment in UTC to the millisecond; undefined when there is none, or not in a year of four digits. */
function toUtc(ms: number): string | undefined {
  const text = Number.isNaN(new Date(ms).getTime()) ? '' : new Date(ms).toISOString();
  return text.length === UTC_LENGTH ? text : undefined;
}

/** Other programs write other precisions and offsets; a time without an offset could be any. */
const moment: Fit<string> = (given, note) => {
  const inUtc = toUtc(typeof given === 'string' ? Date.parse(given) : Number.NaN);
  // Nearly every line has this form, which needs no further look.
  if (inUtc === given) return inUtc;
  const parsed = instant.safeParse(given);
  if (!parsed.success || inUtc === undefined) {
    note(`${parsed.error?.issues[0]?.message ?? 'there is no such time'}; dropped`);
    return undefined;
  }
  note('stored in UTC to the millisecond');
  return inUtc;
};

function within(lowest: number, highest: number): Fit<number> {
  return (given, note) => {
    if (typeof given !== 'number' || Number.isNaN(given)) {
      note('not a number, dropped');
      return undefined;
    }
    const fitted = Math.min(Math.max(given, lowest), highest);
    if (fitted !== given) note(`outside ${lowest} to ${highest}, stored as ${fitted}`);
    return fitted;
  };
}

const attempts: Fit<number> = (given, note) => {
  const whole = typeof given === 'number' ? Math.floor(given) : given;
  if (whole !== given) note('stored as a whole number');
  return within(1, ATTEMPTS_LIMIT)(whole, note);
};

function only(isValid: (given: unknown) => given is number, expected: string): Fit<number> {
  return (given, note) => {
    if (isValid(given)) return given;
    note(`not ${expected}, dropped`);
    return undefined;
  };
}
const byteCount = only(isByteCount, 'a whole number of bytes');

const metadata: Fit<Invocation['metadata'] & object> = (given, note) => {
  const fitted = isObject(given) ? fitMetadata(given) : { reason: 'not an object' };
  if ('reason' in fitted) {
    note(`${fitted.reason}, dropped`);
    return undefined;
  }
  if (fitted.isUnchanged) return given as Invocation['metadata'];
  note('cleaned of what the database cannot store');
  return JSON.parse(fitted.json);
};

const measures: Fit<Record<string, number>> = (given, note) => {
  if (!isObject(given)) {
    note('not an object, dropped');
    return undefined;
  }
  const figures = Object.entries(given).filter(([, value]) => value !== null);
  const summable = figures.filter((figure): figure is [string, number] => figure[0] !== '' && isMeasure(figure[1]));
  if (summable.length < figures.length) {
    note(`${figures.length - summable.length} without a name or not within ±${MEASURE_LIMIT}, dropped`);
  }
  if (summable.length > MEASURES_LIMIT) note(`more than ${MEASURES_LIMIT}, the others dropped`);
  const retained = summable.slice(0, MEASURES_LIMIT).map(([name, value]) => [fitKey(name), value] as const);
  if (retained.some(([name], index) => name !== summable[index]?.[0])) note('names replaced by keys with a hash');
  return Object.fromEntries(retained);
};

/** How each field is made to fit. */
const FITS: { [Column in Field]: Fit<Invocation[Column] & {}> } = {
  event_id: uuid,
  kind: oneOf(KINDS),
  name: key,
  service: words(),
  environment: words(),
  version: words(),
  started_at: moment,
  finished_at: moment,
  duration_ms: within(0, DURATION_LIMIT_MS),
  cold_start: flag,
  success: flag,
  error_code: oneOf(ERROR_CODES),
  error_type: words(),
  error_message: words(ERROR_MESSAGE_LIMIT_BYTES),
  error_fingerprint: key,
  fault: oneOf(FAULTS),
  retryable: flag,
  attempts,
  tenant_id: tenant,
  user_id: key,
  session_id: key,
  gpt_name: words(),
  source_gpt: words(),
  client_name: words(),
  client_version: words(),
  user_agent: words(),
  provider: words(),
  domain: words(),
  correlation_id: key,
  trace_id: hexadecimal,
  parent_id: uuid,
  replay_of: uuid,
  request_bytes: byteCount,
  response_bytes: byteCount,
  cost_usd: only(isCost, `an amount from 0 to ${COST_LIMIT_USD}`),
  metadata,
  measures,
};

/** Without these there is no telling what was called, which call it was, and when. */
const IDENTITY = ['event_id', 'kind', 'name', 'started_at'] as const;
type Identified = Partial<Invocation> & Pick<Invocation, (typeof IDENTITY)[number]>;

const SIGNS_OF_FAILURE = ['error_code', 'error_type', 'error_message', 'error_fingerprint', 'fault'] as const;

/** What the table requires and a line may lack. `record` is what fits so far. */
function defaultsOf(record: Identified, line: Line): Partial<Invocation> {
  const { event_id, started_at, finished_at, duration_ms } = record;
  const startedMs = Date.parse(started_at);
  const ends = finished_at === undefined ? undefined : Date.parse(finished_at) - startedMs;
  return {
    service: 'unknown',
    environment: 'unknown',
    version: 'unknown',
    finished_at: toUtc(startedMs + Math.round(duration_ms ?? 0)) ?? started_at,
    duration_ms: Math.min(Math.max(ends ?? 0, 0), DURATION_LIMIT_MS),
    cold_start: false,
    success: SIGNS_OF_FAILURE.every((sign) => isAbsent(line[sign])) && line[CALL_METRICS.error] !== 1,
    attempts: 1,
    tenant_id: NO_TENANT,
    correlation_id: event_id,
  };
}

/** Metadata that also lists what was altered, because who reads the row does not see the line. */
function listAltered(given: Invocation['metadata'], altered: string[]): Invocation['metadata'] {
  const fitted = fitMetadata({ ...given, [ALTERED_KEY]: altered });
  return 'json' in fitted ? JSON.parse(fitted.json) : { [ALTERED_KEY]: [...altered, 'metadata: no room, dropped'] };
}

/**
 * A line's object as a record within every limit. What does not fit is cut, replaced or dropped, and listed under
 * `altered` in the metadata: words are lost, never a call. Only a line without an identity is no record.
 */
export function fitRecord(line: Line): FittedRecord {
  if (line.schema !== SCHEMA) return { reason: `schema is not ${SCHEMA}` };
  const altered: string[] = [];
  const record: Record<string, unknown> = { schema: SCHEMA };
  for (const field of COLUMNS) {
    const given = line[field];
    if (isAbsent(given)) continue;
    const fitted = FITS[field](given, (happened) => altered.push(`${field}: ${happened}`));
    if (fitted !== undefined) record[field] = fitted;
  }
  for (const field of IDENTITY) {
    if (record[field] === undefined) {
      return { reason: altered.find((note) => note.startsWith(`${field}: `)) ?? `${field}: missing` };
    }
  }
  for (const [field, fallback] of Object.entries(defaultsOf(record as unknown as Identified, line))) {
    if (record[field] !== undefined) continue;
    record[field] = fallback;
    altered.push(`${field}: missing, stored as ${fallback}`);
  }
  if (altered.length > 0) record.metadata = listAltered(record.metadata as Invocation['metadata'], altered);
  return { record: record as unknown as Invocation, altered };
}
