import type * as z from 'zod';
import {
  ERROR_MESSAGE_LIMIT,
  type Invocation,
  invocation,
  METADATA_LIMIT,
  SCHEMA,
  TEXT_LIMIT,
} from '../contract/invocation.ts';

/** A line that is no record, and why. */
export interface Reject {
  reason: string;
  line: string;
}

/** The most business figures of one call that are kept. */
const MOST_MEASURES = 64;
/** Metadata nested deeper than this is nobody's, and costs the database its stack. */
const DEEPEST = 32;

const bounded = (text: string, limit: number): string => {
  const clean = text.includes('\0') ? text.replaceAll('\0', '') : text;
  return clean.length > limit ? clean.slice(0, limit) : clean;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const depthIsWithin = (value: unknown, left: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (left > 0 && Object.values(value).every((inner) => depthIsWithin(inner, left - 1)));

/** Metadata as it may be stored; what is too large or too deep leaves only its size behind. */
const boundedMetadata = (metadata: Record<string, unknown>): Record<string, unknown> => {
  if (!depthIsWithin(metadata, DEEPEST)) return { dropped: `metadata nested more than ${DEEPEST} deep` };
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  return bytes > METADATA_LIMIT ? { dropped: `metadata of ${bytes} bytes` } : metadata;
};

/** The same record with every text inside its limit, so that a talkative writer loses words and never a call. */
const withinLimits = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => {
        if (typeof value === 'string')
          return [key, bounded(value, key === 'error_message' ? ERROR_MESSAGE_LIMIT : TEXT_LIMIT)];
        if (key === 'metadata' && isObject(value)) return [key, boundedMetadata(value)];
        if (key === 'measures' && isObject(value))
          return [key, Object.fromEntries(Object.entries(value).slice(0, MOST_MEASURES))];
        return [key, value];
      }),
  );

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

const because = (error: z.ZodError): string => {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.') || 'record'}: ${issue.message}` : 'not a record';
};

/** The record a log line holds, or why it holds none. Unknown keys are dropped, texts cut to their limits. */
export const recordOf = (line: string): Invocation | Reject => {
  const value = parsed(line);
  if (!isObject(value)) return { reason: 'not a JSON object', line };
  if (value.schema !== SCHEMA) return { reason: `schema is not ${SCHEMA}`, line };
  const result = invocation.safeParse(withinLimits(value));
  return result.success ? result.data : { reason: because(result.error), line };
};

/** Tells the two outcomes of `recordOf` apart. */
export const isReject = (outcome: Invocation | Reject): outcome is Reject => 'reason' in outcome;
