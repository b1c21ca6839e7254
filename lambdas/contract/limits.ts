import { DAY_MS } from './durations.ts';

/**
 * The limits of a record, for all who handle one: the wrapper writes within them, `check-line` names what is beyond
 * them, and ingest makes a line fit. No zod here, because every tool loads this.
 */

/**
 * Maximum size of a text, in bytes of UTF-8. A row of a B-tree index has at most 2,704 bytes, and up to three texts are
 * in one key of a roll-up.
 */
export const TEXT_LIMIT_BYTES = 512;
/** Maximum size of an error message, in bytes of UTF-8. It is in no key. */
export const ERROR_MESSAGE_LIMIT_BYTES = 1_024;
/** Maximum size of the metadata, in bytes of JSON. */
export const METADATA_LIMIT_BYTES = 16_384;
/** How deep metadata may nest; much deeper nesting exhausts the database's stack. */
export const METADATA_DEPTH_LIMIT = 32;
/** How many measures a call may have. */
export const MEASURES_LIMIT = 64;
/** The largest measure and, negated, the smallest: beyond it a number no longer holds every integer. */
export const MEASURE_LIMIT = Number.MAX_SAFE_INTEGER;
/** The most that one call may cost, in US dollars. */
export const COST_LIMIT_USD = 1e9;
/** Maximum plausible duration, in milliseconds: Lambda's own limit is 15 minutes, a job elsewhere may take days. */
export const DURATION_LIMIT_MS = 7 * DAY_MS;
/** Maximum number of attempts of one call. */
export const ATTEMPTS_LIMIT = 1_000;
/** Maximum length of a line, in bytes. A longer one is written without metadata, then without measures. */
export const LINE_LIMIT_BYTES = 32_768;

/** The key of the record's metadata that lists what did not fit and was changed or dropped. */
export const ALTERED_KEY = 'altered';

/** True when the text has at most `limit` bytes. A UTF-16 unit has at most three, so most texts need no measuring. */
export function fitsInBytes(text: string, limit: number): boolean {
  return text.length * 3 <= limit || (text.length <= limit && Buffer.byteLength(text) <= limit);
}

/** What nearly every text is. Compiling the patterns for the others would delay the first call. */
const PRINTABLE_ASCII = /^[ -~]+$/;

/** One half of a surrogate pair without the other. */
export const LONE_SURROGATES = /[\ud800-\udfff]+/gu;

/** True for a text that PostgreSQL can store, as text and in jsonb: no NUL, and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return PRINTABLE_ASCII.test(text) || (!text.includes('\0') && text.search(LONE_SURROGATES) === -1);
}

/** One or more characters, none of them a control character or half of a surrogate pair. */
export const KEY_PATTERN = /^[ -~\u00a0-\ud7ff\ue000-\u{10ffff}]+$/u;

/** True for a text by which calls may be grouped, joined or separated as it is: not empty, printable and short. */
export function isKey(text: string): boolean {
  return (PRINTABLE_ASCII.test(text) || KEY_PATTERN.test(text)) && fitsInBytes(text, TEXT_LIMIT_BYTES);
}

/** True for a measure's value that can be added up. */
export function isMeasure(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= MEASURE_LIMIT;
}

/** True for what a call may cost, in US dollars. */
export function isCost(usd: unknown): usd is number {
  return typeof usd === 'number' && usd >= 0 && usd <= COST_LIMIT_USD;
}

/** True for a size in bytes. */
export function isByteCount(bytes: unknown): bytes is number {
  return Number.isSafeInteger(bytes) && Number(bytes) >= 0;
}

/** True for a value that CloudWatch takes for a dimension; it drops the metrics of a line with any other. */
export function isDimensionValue(value: string): boolean {
  return /^[ -~]{1,1024}$/.test(value) && value.trim() !== '' && !value.startsWith(':');
}
