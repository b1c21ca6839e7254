import { formatDuration } from './format-duration.ts';
import { parseJson } from './parse-json.ts';
import { SCHEMA } from './vocabulary.ts';

const RESET = '\u001b[0m';
const COLOURS: Record<string, string> = {
  TRACE: '\u001b[90m',
  DEBUG: '\u001b[90m',
  INFO: '\u001b[36m',
  WARN: '\u001b[33m',
  ERROR: '\u001b[31m',
  CRITICAL: '\u001b[1;31m',
};

/** The same on every entry of a process, or shown in another place. */
const OMITTED = ['level', 'message', 'timestamp', 'service', 'sampling_rate', 'xray_trace_id', 'event_id', 'trace_id'];

/** Control characters. Written as ranges, because `\p{Cc}` would load tables at every start. */
const CONTROL_CHARACTERS = /[^ -~\u00a0-\uffff]+/g;

/** What others wrote must not move the cursor, or look like another entry. */
function quote(text: string): string {
  return /^[^\s"]+$/.test(text) && text.search(CONTROL_CHARACTERS) === -1 ? text : JSON.stringify(text);
}

function formatValue(value: unknown): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}

function toOneLine(text: string): string {
  return text.replace(CONTROL_CHARACTERS, ' ');
}

function formatFrames(stack: unknown): string {
  return Array.isArray(stack) ? stack.map((frame) => `\n    ${toOneLine(String(frame))}`).join('') : '';
}

/** An error and its causes, each with its frames below it. */
function formatError({ name, message, stack, cause }: Record<string, unknown>): string {
  const frames = formatFrames(stack);
  const below = typeof cause === 'object' && cause !== null ? `\n  because of${formatError({ ...cause })}` : '';
  return ` ${toOneLine(`${name}: ${message}`)}${frames}${below}`;
}

function isError(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && 'name' in value && 'message' in value;
}

function colour(level: string, text: string, isColoured: boolean): string {
  const code = isColoured ? COLOURS[level] : undefined;
  return code === undefined ? text : `${code}${text}${RESET}`;
}

function timeOf(instant: unknown): string {
  return /T([\d:.]+)/.exec(String(instant))?.[1] ?? '';
}

/** A log entry for a person: `18:40:00.123 INFO  order placed order=17`, coloured by its level. */
export function formatEntry(entry: Record<string, unknown>, isColoured: boolean): string {
  const level = String(entry.level ?? 'INFO');
  const others = Object.entries(entry).filter(([key]) => !OMITTED.includes(key));
  const keys = others.filter(([, value]) => !isError(value)).map(([key, value]) => `${key}=${formatValue(value)}`);
  const errors = others.map(([, value]) => value).filter(isError);
  const text = [timeOf(entry.timestamp), level.padEnd(8), toOneLine(String(entry.message ?? '')), ...keys].join(' ');
  return colour(level, `${text}${errors.map(formatError).join('')}`, isColoured);
}

/** The fields of a call's line that are worth a look, in this order. */
const SHOWN = ['error_code', 'error_type', 'error_message', 'fault', 'attempts', 'tenant_id', 'user_id', 'provider'];
const ORDINARY: Record<string, unknown> = { attempts: 1, tenant_id: 'default' };

function framesOf({ metadata }: Record<string, unknown>): string {
  const { stack } = (metadata ?? {}) as { stack?: unknown };
  return formatFrames(stack);
}

/** True for the record of a call that failed because of our own code, of which there is a stack. */
export function isBug(line: string): boolean {
  const record = parseJson(line) as Record<string, unknown> | undefined;
  return record?.schema === SCHEMA && record.fault === 'ours' && framesOf(record) !== '';
}

/** The record of a call for a person: `18:40:00.123 WARN  tool order_status failed after 122 ms error_code=…`. */
export function formatRecord(record: Record<string, unknown>, isColoured: boolean): string {
  const outcome = record.success === true ? 'succeeded' : 'failed';
  const fields = SHOWN.filter((key) => record[key] !== undefined && record[key] !== ORDINARY[key]);
  const entry = {
    level: record.level,
    timestamp: record.finished_at,
    message: `${record.kind} ${record.name} ${outcome} after ${formatDuration(Number(record.duration_ms))}`,
    ...Object.fromEntries(fields.map((key) => [key, record[key]])),
    ...(record.measures !== undefined && { measures: record.measures }),
  };
  return `${formatEntry(entry, isColoured)}${framesOf(record)}`;
}

/**
 * What a function wrote to its log, for a person; undefined for what is only there for programs, such as the platform's
 * own reports.
 */
export function formatLogLine(line: string, isColoured: boolean): string | undefined {
  const content = parseJson(line);
  if (typeof content !== 'object' || content === null) return toOneLine(line);
  const entry: Record<string, unknown> = { ...content };
  if (entry.schema === SCHEMA) return formatRecord(entry, isColoured);
  return entry.level === undefined || entry.message === undefined ? undefined : formatEntry(entry, isColoured);
}
