import type * as z from 'zod';
import { type Invocation, invocation } from '../contract/invocation.ts';
import { parseJson } from '../contract/parse-json.ts';
import { ERROR_MESSAGE_LIMIT, METADATA_LIMIT, SCHEMA, TEXT_LIMIT } from '../contract/vocabulary.ts';

/** A line that is not a valid record, and why. */
export interface Reject {
  reason: string;
  line: string;
}

/** How many measures of one call are stored. */
const MAX_MEASURES = 64;
/** No legitimate metadata nests deeper than this, and very deep nesting would exhaust the database's stack. */
const MAX_DEPTH = 32;

const truncate = (text: string, limit: number): string => {
  const clean = text.includes('\0') ? text.replaceAll('\0', '') : text;
  return clean.length > limit ? clean.slice(0, limit) : clean;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isWithinDepth = (value: unknown, left: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (left > 0 && Object.values(value).every((inner) => isWithinDepth(inner, left - 1)));

/** Metadata within its limits; metadata that is too large or too deep is replaced by a note of what was dropped. */
const limitMetadata = (metadata: Record<string, unknown>): Record<string, unknown> => {
  if (!isWithinDepth(metadata, MAX_DEPTH)) return { dropped: `metadata nested more than ${MAX_DEPTH} deep` };
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  return bytes > METADATA_LIMIT ? { dropped: `metadata of ${bytes} bytes` } : metadata;
};

/** The record with every text cut to its limit, so that a long text never costs the whole call. */
const applyLimits = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => {
        if (typeof value === 'string')
          return [key, truncate(value, key === 'error_message' ? ERROR_MESSAGE_LIMIT : TEXT_LIMIT)];
        if (key === 'metadata' && isObject(value)) return [key, limitMetadata(value)];
        if (key === 'measures' && isObject(value))
          return [key, Object.fromEntries(Object.entries(value).slice(0, MAX_MEASURES))];
        return [key, value];
      }),
  );

const reasonOf = (error: z.ZodError): string => {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.') || 'record'}: ${issue.message}` : 'not a record';
};

/** The record in a log line, or why there is none. Unknown keys are dropped, and texts are cut to their limits. */
export const parseRecord = (line: string): Invocation | Reject => {
  const value = parseJson(line);
  if (!isObject(value)) return { reason: 'not a JSON object', line };
  if (value.schema !== SCHEMA) return { reason: `schema is not ${SCHEMA}`, line };
  const result = invocation.safeParse(applyLimits(value));
  return result.success ? result.data : { reason: reasonOf(result.error), line };
};

/** True when `parseRecord` found no valid record. */
export const isReject = (outcome: Invocation | Reject): outcome is Reject => 'reason' in outcome;
