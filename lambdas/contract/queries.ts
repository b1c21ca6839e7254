import * as z from 'zod';
import { MAX_ROWS, MAX_WINDOW_MINUTES } from './answer-limits.ts';
import { DURATION_LIMIT_MS, KEY_PATTERN, TEXT_LIMIT_BYTES } from './limits.ts';
import { instant } from './time.ts';
import { FAULTS, KINDS } from './vocabulary.ts';

/**
 * The query parameters that the API's paths take, each with one schema: a tool that passes an argument on to the API
 * declares it with the API's own schema. An unknown parameter is an error.
 */

/** The most quarters of an hour that one request may ask for. */
const MAX_QUARTERS = 96;

/** The first and the last year of the times that may be asked for. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 9_999;

export const wholeNumber = (max: number, fallback: number, description: string) => {
  const advice = `write a whole number from 1 to ${max}`;
  return z.int(advice).min(1, advice).max(max, advice).default(fallback).describe(description);
};

/** A key that the store may contain. */
export const storedText = (advice: string) => z.string(advice).max(TEXT_LIMIT_BYTES, advice).regex(KEY_PATTERN, advice);

const isInRange = (time: string): boolean => {
  const year = new Date(time).getUTCFullYear();
  return year >= FIRST_YEAR && year <= LAST_YEAR;
};

/** A time that may be asked for. */
export const moment = instant.refine(isInRange, `write a time from the year ${FIRST_YEAR} to ${LAST_YEAR}`);

const minutes = wholeNumber(MAX_WINDOW_MINUTES, 60, 'How many minutes to look back.');

/** The name of a tool, as a path and a query parameter take it. */
export const toolName = storedText(`write the name of a tool, at most ${TEXT_LIMIT_BYTES} characters`);

/** The id of a webhook, as a path takes it. */
export const webhookId = storedText(`write the id of a webhook, at most ${TEXT_LIMIT_BYTES} characters`);

export const noQuery = z.strictObject({});

/** The forms in which a list is answered. */
const LIST_FORMATS = ['json', 'csv'] as const;

/** What every path takes whose answer has a list; `list` of the endpoint says which. */
export const listParameters = {
  format: z
    .enum(LIST_FORMATS, `write ${LIST_FORMATS.join(' or ')}`)
    .default('json')
    .describe('`csv`: only the list, as a file of CSV.'),
};

export const listQuery = z.strictObject(listParameters);

/** Which failures are asked for. */
export const failureFilters = {
  tool: toolName.optional().describe('Only failures of this tool, e.g. order_status.'),
  fault: z
    .enum(FAULTS, `write one of ${FAULTS.join(', ')}`)
    .optional()
    .describe('Only failures by the fault of the caller, a dependency, us or the platform.'),
  minutes,
  limit: wholeNumber(MAX_ROWS, 20, 'How many failures at most.'),
};

export const failuresQuery = z.strictObject({ ...failureFilters, ...listParameters });

export const countsQuery = z.strictObject({
  from: moment.describe('The start of the first quarter of an hour.'),
  quarters: wholeNumber(MAX_QUARTERS, 4, 'How many quarters of an hour.'),
  ...listParameters,
});

export const deploymentsQuery = z.strictObject({
  limit: wholeNumber(MAX_ROWS, 20, 'How many deployments at most.'),
  ...listParameters,
});

export const rowsQuery = z.strictObject({
  limit: wholeNumber(MAX_ROWS, MAX_ROWS, 'How many rows at most; a summary covers all.'),
  ...listParameters,
});

const MONITORING_TYPES = ['webhook', 'rule', 'rate_limit', 'alerts', 'all'] as const;

export const monitoringQuery = z.strictObject({
  type: z
    .enum(MONITORING_TYPES, `write one of ${MONITORING_TYPES.join(', ')}`)
    .default('all')
    .describe('Which part of the answer.'),
});

/** The longest list of names that one question may have, in characters: Lambda takes far more. */
const MAX_NAMES_LENGTH = 20_000;
export const incidentFactsQuery = z.strictObject({
  cause: storedText('write the cause of the incident, such as tool/order_status').describe(
    'What the incident is about, e.g. tool/order_status.',
  ),
  incident: storedText('write the id of the incident')
    .default('-')
    .describe('Its id, which is left out when the earlier ones are counted.'),
  since: moment.describe('When its first alarm fired.'),
  until: moment.describe('Until when calls are counted.'),
  minutes: wholeNumber(MAX_WINDOW_MINUTES, 30, 'For how long before `since` to look for the beginning.'),
  kind: z
    .enum(KINDS, `write one of ${KINDS.join(', ')}`)
    .optional()
    .describe('The kind of the calls that it is about; without one no calls are counted.'),
  names: z
    .string()
    .min(1)
    .max(MAX_NAMES_LENGTH)
    .optional()
    .describe('Only calls under these names, separated by commas.'),
  fault: z
    .enum(FAULTS, `write one of ${FAULTS.join(', ')}`)
    .optional()
    .describe("Only failures by this fault are bad; without it all but the callers'."),
  slow_ms: z
    .int('write whole milliseconds')
    .min(1, 'write whole milliseconds')
    .max(DURATION_LIMIT_MS, 'write whole milliseconds')
    .optional()
    .describe('Calls that take longer are bad, and not those that fail.'),
  begins: z
    .enum(['found', 'stated'], 'write found or stated')
    .default('found')
    .describe('`found`: count since calls are bad. `stated`: count since `minutes` before `since`.'),
  traffic: z
    .enum(['on', 'off'], 'write on or off')
    .default('off')
    .describe('Whether to compare with a week ago, and to look for the last call.'),
});

export const weekQuery = z.strictObject({
  until: moment.optional().describe('The seven days before the day of this time, in UTC. Default: now.'),
});
