import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { percentileOf } from '../support/oracle.ts';

const db = await testDatabase();
/** Zero, or from a nanosecond to a week, in milliseconds. */
const duration = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0.000001, max: 1, noNaN: true }),
  fc.double({ min: 1, max: 7 * 86_400_000, noNaN: true }),
);

test('a percentile of merged histograms is within 1 % of percentile_cont, however calls are spread', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(duration, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(0.5, 0.9, 0.95, 0.99),
      fc.nat(59),
      async (durations, share, cut) => {
        const [row] = await db.rows<{ shown: number; exact: number }>(
          `with halves as (
             select coalesce(array_agg((rollup.bucket_of(ms)::bigint << 32) + 1), '{}') as histogram
             from unnest($1::double precision[]) with ordinality as given (ms, at)
             group by at > $3
           )
           select
             (select rollup.percentile($2, rollup.merge(rollup.concat_agg(histogram), '{}')) from halves) as shown,
             (
               select percentile_cont($2) within group (order by ms) from unnest($1::double precision[]) as ms
             ) as exact`,
          [durations, share, cut],
        );
        const { shown, exact } = row ?? { shown: Number.NaN, exact: 0 };
        expect(exact).toBeCloseTo(percentileOf(durations, share) ?? Number.NaN, 6);
        expect(Math.abs(shown - exact)).toBeLessThanOrEqual(exact * 0.01 + 1e-12);
      },
    ),
    { numRuns: 300 },
  );
});

test("Wilson's bounds match the textbook", async () => {
  const rows = await db.rows<{ low: number; high: number }>(`
    select analytics.wilson_low(failures, calls) as low, analytics.wilson_high(failures, calls) as high
    from (values (1::bigint, 3::bigint), (10, 100), (0, 20), (5, 5)) as given (failures, calls)`);
  const rounded = rows.map(({ low, high }) => [Math.round(low * 1_000) / 10, Math.round(high * 1_000) / 10]);
  expect(rounded).toEqual([
    [6.1, 79.2],
    [5.5, 17.4],
    [0, 16.1],
    [56.6, 100],
  ]);
});
