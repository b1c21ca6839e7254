import { BadRequestError } from '@aws-lambda-powertools/event-handler/http';
import * as z from 'zod';
import { FAULTS } from '../contract/invocation.ts';

/** The longest stretch and the most rows one question may ask for. */
const LONGEST_MINUTES = 7 * 24 * 60;
const MOST_ROWS = 100;
const MOST_QUARTERS = 96;

const wholeNumber = (most: number, fallback: number) =>
  z.coerce
    .number(`write a whole number from 1 to ${most}`)
    .int(`write a whole number from 1 to ${most}`)
    .min(1, `write a whole number from 1 to ${most}`)
    .max(most, `write a whole number from 1 to ${most}`)
    .default(fallback);

export const failuresQuery = z.strictObject({
  tool: z.string().min(1).max(64).optional(),
  fault: z.enum(FAULTS, `write one of ${FAULTS.join(', ')}`).optional(),
  minutes: wholeNumber(LONGEST_MINUTES, 60),
  limit: wholeNumber(MOST_ROWS, 20),
});

export const callsQuery = z.strictObject({
  correlation_id: z.string('write the id to look for').min(1).max(256),
  minutes: wholeNumber(LONGEST_MINUTES, 60),
});

export const countsQuery = z.strictObject({
  from: z.iso.datetime({ offset: true, error: 'write a time such as 2026-11-20T12:00:00Z' }),
  quarters: wholeNumber(MOST_QUARTERS, 4),
});

export const deploymentsQuery = z.strictObject({ limit: wholeNumber(MOST_ROWS, 20) });

export const noQuery = z.strictObject({});

/** A request's query, checked. Throws a `BadRequestError` that names the parameter and what it may be. */
export const queryOf = <Schema extends z.ZodObject>(schema: Schema, request: Request): z.output<Schema> => {
  const parsed = schema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (parsed.success) return parsed.data;
  const known = Object.keys(schema.shape);
  const problems = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `Unknown parameter ${issue.keys.join(', ')}: ${known.length > 0 ? `there are ${known.join(', ')}` : 'this path takes none'}.`
      : `Parameter ${issue.path.join('.')}: ${issue.message}.`,
  );
  throw new BadRequestError(problems.join(' '));
};
