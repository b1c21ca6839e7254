import { expect, test } from 'vitest';
import { type Counts, completenessOf } from '../../lambdas/completeness/completeness.ts';

const all = (count: number): Counts => ({ platform: count, metrics: count, rows: count });
const counted = (quarter: Partial<Counts>, around: Partial<Counts> = {}, tool = 'search') => {
  const here = { ...all(200), ...quarter };
  const beside = { platform: here.platform + 400, metrics: here.metrics + 400, rows: here.rows + 400, ...around };
  return { tool, quarter: here, around: beside };
};

test('all is there when Lambda, the metrics and the rows agree', () => {
  expect(completenessOf([counted({})])).toEqual({ pct: 100, shortfalls: [] });
});

test('nobody called, so nothing is missing', () => {
  expect(completenessOf([{ tool: 'search', quarter: all(0), around: all(0) }]).pct).toBe(100);
});

test('a missing row and a missing metric are one call that did not arrive', () => {
  expect(completenessOf([counted({ rows: 198, metrics: 199 })])).toEqual({
    pct: 99,
    shortfalls: [{ tool: 'search', calls: 200, missing_metrics: 1, missing_rows: 2 }],
  });
});

test('a call counted on the other side of the quarter’s edge is not missing', () => {
  expect(completenessOf([counted({ rows: 197 }, { rows: 600 })]).pct).toBe(100);
  expect(completenessOf([counted({ rows: 197 }, { rows: 599 })]).pct).toBe(99.5);
});

test('what was lost in another quarter is that one’s', () => {
  expect(completenessOf([counted({}, { rows: 500 })]).pct).toBe(100);
});

test('a metric that came twice, and a line the gateway wrote for a tool that never ran, are no surplus', () => {
  const twice = counted({ metrics: 205, rows: 201 });
  const short = counted({ rows: 190 }, {}, 'order');
  expect(completenessOf([twice, short]).pct).toBe(97.5);
});
