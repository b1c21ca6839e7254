import * as z from 'zod';
import { wholeNumber } from './queries.ts';
import { instant } from './time.ts';

/** A week: CloudWatch has older figures by the hour as well, and nobody looks for a loss among more. */
const MAX_HOURS = 168;

/** GET /v1/completeness */
export const completenessQuery = z.strictObject({
  hours: wholeNumber(MAX_HOURS, 24, 'How many hours, of which the last is not over.'),
});

const figure = z.number().nullable();

const hourCompleteness = z.object({
  hour: instant.describe('Its beginning.'),
  completeness_pct: figure.describe(
    'The lowest share of a quarter of an hour’s calls that became a metric and a row. It is measured 40 minutes after the ' +
      'hour that it is about, and stands at the hour in which it was measured; null where it was not.',
  ),
  rejects: figure.describe(
    'Lines that could not be stored, and calls that could not be counted; null where none were.',
  ),
  lag_seconds: figure.describe('The longest time until a call was stored, of those above five minutes; else null.'),
  retained_payloads: figure.describe('The most payloads that waited to be replayed; null where none did.'),
});

export const completenessReport = z.object({
  from: instant,
  until: instant,
  hours: z.array(hourCompleteness).describe('Every hour, the earliest first.'),
  lowest_pct: figure.describe('The lowest of them; null where none was measured.'),
  measured_at: instant.nullable().describe('The hour in which it was measured last; null where it was not.'),
});
export type CompletenessReport = z.output<typeof completenessReport>;
