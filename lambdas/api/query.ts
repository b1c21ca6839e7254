import { BadRequestError } from '@aws-lambda-powertools/event-handler/http';
import * as z from 'zod';
import { FAULTS } from '../contract/vocabulary.ts';

/** The longest period and the most rows that one request may ask for. */
const MAX_MINUTES = 7 * 24 * 60;
const MAX_ROWS = 100;
const MAX_QUARTERS = 96;

const wholeNumber = (max: number, fallback: number) => {
  const advice = `write a whole number from 1 to ${max}`;
  return z.coerce.number(advice).int(advice).min(1, advice).max(max, advice).default(fallback);
};

export const failuresQuery = z.strictObject({
  tool: z.string().min(1).max(64).optional(),
  fault: z.enum(FAULTS, `write one of ${FAULTS.join(', ')}`).optional(),
  minutes: wholeNumber(MAX_MINUTES, 60),
  limit: wholeNumber(MAX_ROWS, 20),
});

export const callsQuery = z.strictObject({
  correlation_id: z.string('write the id to look for').min(1).max(256),
  minutes: wholeNumber(MAX_MINUTES, 60),
});

export const countsQuery = z.strictObject({
  from: z.iso.datetime({ offset: true, error: 'write a time such as 2026-11-20T12:00:00Z' }),
  quarters: wholeNumber(MAX_QUARTERS, 4),
});

export const deploymentsQuery = z.strictObject({ limit: wholeNumber(MAX_ROWS, 20) });

export const noQuery = z.strictObject({});

const describeIssue = (issue: z.core.$ZodIssue, knownParameters: string[]): string => {
  if (issue.code !== 'unrecognized_keys') return `Parameter ${issue.path.join('.')}: ${issue.message}.`;
  const known =
    knownParameters.length > 0 ? `this path takes ${knownParameters.join(', ')}` : 'this path takes no parameters';
  return `Unknown parameter ${issue.keys.join(', ')}: ${known}.`;
};

/** The validated query of a request. Throws a `BadRequestError` that names the parameter and what to write. */
export const parseQuery = <Schema extends z.ZodObject>(schema: Schema, request: Request): z.output<Schema> => {
  const parsed = schema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (parsed.success) return parsed.data;
  const knownParameters = Object.keys(schema.shape);
  throw new BadRequestError(parsed.error.issues.map((issue) => describeIssue(issue, knownParameters)).join(' '));
};
