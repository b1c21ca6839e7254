import { expect, test } from 'vitest';
import { type Counts, completenessOf } from '../../lambdas/completeness/completeness.ts';

const equalCounts = (count: number): Counts => ({ platform: count, metrics: count, rows: count });
const countsOf = (given: Partial<Counts>, givenAround: Partial<Counts> = {}, tool = 'search') => {
  const quarter = { ...equalCounts(200), ...given };
  const { platform, metrics, rows } = quarter;
  const around = { platform: platform + 400, metrics: metrics + 400, rows: rows + 400, ...givenAround };
  return { tool, quarter, around };
};

test('nothing is missing when Lambda, the metrics and the rows agree', () => {
  expect(completenessOf([countsOf({})])).toEqual({ pct: 100, shortfalls: [] });
});

test('without calls, nothing is missing', () => {
  expect(completenessOf([{ tool: 'search', quarter: equalCounts(0), around: equalCounts(0) }]).pct).toBe(100);
});

test('a call that misses both its row and its metric counts once', () => {
  expect(completenessOf([countsOf({ rows: 198, metrics: 199 })])).toEqual({
    pct: 99,
    shortfalls: [{ tool: 'search', calls: 200, missing_metrics: 1, missing_rows: 2 }],
  });
});

test('a call counted in the neighbouring quarter is not missing', () => {
  expect(completenessOf([countsOf({ rows: 197 }, { rows: 600 })]).pct).toBe(100);
  expect(completenessOf([countsOf({ rows: 197 }, { rows: 599 })]).pct).toBe(99.5);
});

test('a call lost in a neighbouring quarter is missing in that quarter only', () => {
  expect(completenessOf([countsOf({}, { rows: 500 })]).pct).toBe(100);
});

test('a surplus, such as a metric that came twice, does not offset a missing call', () => {
  const surplus = countsOf({ metrics: 205, rows: 201 });
  const shortfall = countsOf({ rows: 190 }, {}, 'order');
  expect(completenessOf([surplus, shortfall]).pct).toBe(97.5);
});
