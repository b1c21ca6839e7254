import { describe, expect, test } from 'vitest';
import { drivenClock } from '../../../emulator/clock.ts';
import { extractMetrics } from '../../../emulator/cloudwatch/emf.ts';
import { createMetrics, type MetricId } from '../../../emulator/cloudwatch/metrics.ts';
import { parseInsights, runInsights } from '../../../emulator/cloudwatch/metrics-insights.ts';

const NOW = Date.UTC(2026, 10, 20, 22, 0, 0);
const MINUTE = 60_000;
const metric = (tool: string): MetricId => ({
  namespace: 'Toolwatch',
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
    const metrics = createMetrics(drivenClock(NOW));
    metrics.put(metric('a'), [1, 2, 3, 4, 100]);
    expect(metrics.statistic(metric('a'), statistic, NOW, NOW + MINUTE)).toEqual({ value: expected, samples: 5 });
  });

  test('are known to the minute: a value belongs to the window in which its minute begins', () => {
    const metrics = createMetrics(drivenClock(NOW));
    metrics.put(metric('a'), 1, NOW + 59_999);
    expect(metrics.statistic(metric('a'), 'Sum', NOW, NOW + MINUTE)?.value).toBe(1);
    expect(metrics.statistic(metric('a'), 'Sum', NOW + MINUTE, NOW + 2 * MINUTE)).toBeUndefined();
  });

  test('with other dimensions are other metrics', () => {
    const metrics = createMetrics(drivenClock(NOW));
    metrics.put(metric('a'), 1);
    expect(metrics.statistic(metric('b'), 'Sum', NOW, NOW + MINUTE)).toBeUndefined();
  });

  test('can be asked for by a query that groups them', () => {
    const metrics = createMetrics(drivenClock(NOW));
    metrics.put(metric('a'), [0, 1]);
    metrics.put(metric('b'), 0);
    metrics.put({ ...metric('c'), dimensions: { service: 'another', tool: 'c' } }, 1);
    const query = parseInsights(
      `SELECT AVG(error) FROM SCHEMA("Toolwatch", service, tool) WHERE service = 's' GROUP BY tool ORDER BY AVG() DESC`,
    );
    expect([...runInsights(query, metrics, [NOW], MINUTE)]).toEqual([
      ['a', [0.5]],
      ['b', [0]],
    ]);
  });

  test('a query of another shape is refused', () => {
    expect(() => parseInsights('SELECT AVG(error) FROM "Toolwatch"')).toThrow('cannot read the query');
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

  test('gives a metric for each set of dimensions', () => {
    expect(extractMetrics(line(), NOW)).toEqual({
      metrics: [
        {
          id: { namespace: 'N', name: 'ms', dimensions: { tool: 'a' } },
          values: [12.5],
          at: NOW,
          resolutionMs: MINUTE,
        },
      ],
    });
  });

  test('is not claimed by an ordinary line', () => {
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

  test('counts a line of more than two weeks ago, or two hours ahead, as a validation error', () => {
    expect(extractMetrics(line(), NOW + 14 * 86_400_000 + 1)).toEqual({ failed: 'EMFValidationErrors' });
    expect(extractMetrics(line(), NOW - 2 * 3_600_000 - 1)).toEqual({ failed: 'EMFValidationErrors' });
  });

  test('counts half a line as a parsing error', () => {
    expect(extractMetrics(line().slice(0, -5), NOW)).toEqual({ failed: 'EMFParsingErrors' });
  });
});
