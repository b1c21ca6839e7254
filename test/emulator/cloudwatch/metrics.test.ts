import { describe, expect, test } from 'vitest';
import { createDrivenClock, DAY_MS, HOUR_MS, MINUTE_MS } from '../../../emulator/clock.ts';
import { extractMetrics } from '../../../emulator/cloudwatch/emf.ts';
import { createMetrics, type MetricId } from '../../../emulator/cloudwatch/metrics.ts';
import { parseInsights, runInsights } from '../../../emulator/cloudwatch/metrics-insights.ts';

const NOW = Date.UTC(2026, 10, 20, 22, 0, 0);
const metric = (tool: string): MetricId => ({
  namespace: 'Shop',
  name: 'error',
  dimensions: { service: 's', tool },
});

describe('metrics', () => {
  test.each([
    ['SampleCount', 5],
    ['Sum', 110],
    ['Average', 22],
    ['Minimum', 1],
    ['Maximum', 100],
    ['p50', 3],
    ['p100', 100],
  ])('%s of 1, 2, 3, 4, 100 is %d', (statistic, expected) => {
    const metrics = createMetrics(createDrivenClock(NOW));
    metrics.put(metric('a'), [1, 2, 3, 4, 100]);
    expect(metrics.statistic(metric('a'), statistic, NOW, NOW + MINUTE_MS)).toEqual({ value: expected, samples: 5 });
  });

  test('are dated to the minute: a value belongs to the window in which its minute begins', () => {
    const metrics = createMetrics(createDrivenClock(NOW));
    metrics.put(metric('a'), 1, NOW + 59_999);
    expect(metrics.statistic(metric('a'), 'Sum', NOW, NOW + MINUTE_MS)?.value).toBe(1);
    expect(metrics.statistic(metric('a'), 'Sum', NOW + MINUTE_MS, NOW + 2 * MINUTE_MS)).toBeUndefined();
  });

  test('with other dimensions are other metrics', () => {
    const metrics = createMetrics(createDrivenClock(NOW));
    metrics.put(metric('a'), 1);
    expect(metrics.statistic(metric('b'), 'Sum', NOW, NOW + MINUTE_MS)).toBeUndefined();
  });

  test('can be read by a query that groups them', () => {
    const metrics = createMetrics(createDrivenClock(NOW));
    metrics.put(metric('a'), [0, 1]);
    metrics.put(metric('b'), 0);
    metrics.put({ ...metric('c'), dimensions: { service: 'another', tool: 'c' } }, 1);
    const query = parseInsights(
      `SELECT AVG(error) FROM SCHEMA("Shop", service, tool) WHERE service = 's' GROUP BY tool ORDER BY AVG() DESC`,
    );
    expect([...runInsights(query, metrics, [NOW], MINUTE_MS)]).toEqual([
      ['a', [0.5]],
      ['b', [0]],
    ]);
  });

  test('cannot be read by a query of another shape', () => {
    expect(() => parseInsights('SELECT AVG(error) FROM "Shop"')).toThrow('cannot read the query');
  });
});

describe('the embedded metric format', () => {
  const line = (change: Record<string, unknown> = {}) =>
    JSON.stringify({
      _aws: {
        Timestamp: NOW,
        CloudWatchMetrics: [
          { Namespace: 'N', Dimensions: [['tool']], Metrics: [{ Name: 'ms', Unit: 'Milliseconds' }] },
        ],
      },
      tool: 'a',
      ms: 12.5,
      ...change,
    });

  test('yields a metric for each set of dimensions', () => {
    expect(extractMetrics(line(), NOW)).toEqual({
      metrics: [
        {
          id: { namespace: 'N', name: 'ms', dimensions: { tool: 'a' } },
          values: [12.5],
          at: NOW,
          resolutionMs: MINUTE_MS,
        },
      ],
    });
  });

  test('is not read from an ordinary line', () => {
    expect(extractMetrics('{"level":"INFO"}', NOW)).toBeUndefined();
  });

  test.each([
    ['a dimension that is a number', { tool: 7 }],
    ['a dimension that is empty', { tool: '' }],
    ['a value that is text', { ms: '12' }],
    ['a list of more than a hundred values', { ms: Array.from({ length: 101 }, () => 1) }],
  ])('counts %s as a validation error', (_, change) => {
    expect(extractMetrics(line(change), NOW)).toEqual({ failed: 'EMFValidationErrors' });
  });

  test('counts a line more than two weeks old, or more than two hours ahead, as a validation error', () => {
    expect(extractMetrics(line(), NOW + 14 * DAY_MS + 1)).toEqual({ failed: 'EMFValidationErrors' });
    expect(extractMetrics(line(), NOW - 2 * HOUR_MS - 1)).toEqual({ failed: 'EMFValidationErrors' });
  });

  test('counts a truncated line as a parsing error', () => {
    expect(extractMetrics(line().slice(0, -5), NOW)).toEqual({ failed: 'EMFParsingErrors' });
  });
});
