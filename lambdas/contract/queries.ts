import * as z from 'zod';
import { FAULTS } from './vocabulary.ts';

/** The query parameters that the API's paths take. An unknown parameter is an error. */

/** The longest period and the most rows that one request may ask for. */
const MAX_MINUTES = 7 * 24 * 60;
const MAX_ROWS = 100;
const MAX_QUARTERS = 96;

const wholeNumber = (max: number, fallback: number, description: string) => {
  const advice = `write a whole number from 1 to ${max}`;
  return z.coerce.number(advice).int(advice).min(1, advice).max(max, advice).default(fallback).describe(description);
};

const minutes = wholeNumber(MAX_MINUTES, 60, 'How many minutes to look back.');

export const noQuery = z.strictObject({});

export const failuresQuery = z.strictObject({
  tool: z.string().min(1).max(64).optional().describe('Only failures of this tool.'),
  fault: z
    .enum(FAULTS, `write one of ${FAULTS.join(', ')}`)
    .optional()
    .describe('Only failures with this fault.'),
  minutes,
  limit: wholeNumber(MAX_ROWS, 20, 'How many failures at most.'),
});

export const callsQuery = z.strictObject({
  correlation_id: z.string('write the id to look for').min(1).max(256).describe('The id that the calls share.'),
  minutes,
});

export const countsQuery = z.strictObject({
  from: z.iso
    .datetime({ offset: true, error: 'write a time such as 2026-11-20T12:00:00Z' })
    .describe('The start of the first quarter of an hour.'),
  quarters: wholeNumber(MAX_QUARTERS, 4, 'How many quarters of an hour.'),
});

export const deploymentsQuery = z.strictObject({
  limit: wholeNumber(MAX_ROWS, 20, 'How many deployments at most.'),
});
