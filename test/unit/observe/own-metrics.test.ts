import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { counter, flushMetrics, gauge, histogram, observe } from '../../../lambdas/observe/index.ts';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { captureLines } from '../../support/captured-lines.ts';

const lines = captureLines();
const only = () => lines.records()[0];
/** The losses that the next line reports. */
const takeLosses = async (): Promise<number> => {
  await observe('job', 'losses', () => 1);
  return JSON.parse(lines.raw().at(-1) ?? '').telemetry_dropped ?? 0;
};

describe('metrics of one’s own', () => {
  test('are on the line of their call, by the names of their Prometheus series', async () => {
    await observe('job', 'orders', () => {
      const orders = counter('orders_total', { shop: 'north "1"', state: 'new' });
      orders.add();
      orders.add(2);
      gauge('queue_depth', { queue: 'orders' }).set(7);
      gauge('queue_depth', { queue: 'orders' }).set(3);
      for (const seconds of [0.02, 0.3, 99]) histogram('job_seconds', { job: 'a' }).observe(seconds);
    });
    expect(lines.raw()).toHaveLength(1);
    expect(only()?.measures).toEqual({
      'orders_total{shop="north \\"1\\"",state="new"}': 3,
      'job_seconds_bucket{job="a",le="0.025"}': 1,
      'job_seconds_bucket{job="a",le="0.5"}': 1,
      'job_seconds_bucket{job="a",le="+Inf"}': 1,
      'job_seconds_sum{job="a"}': 99.32,
    });
    expect(only()?.metadata?.gauges).toEqual({ 'queue_depth{queue="orders"}': 3 });
    expect(checkLine(lines.raw()[0] ?? '')).toEqual([]);
  });

  test('a gauge is never among the measures, which are added up', async () => {
    await observe('job', 'depth', () => gauge('queue_depth', { queue: 'b' }).set(9));
    expect(only()).not.toHaveProperty('measures');
  });

  test('outside a call wait for each other and are written together', () => {
    vi.useFakeTimers();
    counter('started_total').add();
    counter('started_total').add();
    gauge('workers').set(4);
    expect(lines.raw()).toEqual([]);
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    expect(lines.records()).toMatchObject([
      { kind: 'job', name: '_metrics', measures: { started_total: 2 } },
      { name: '_metrics', metadata: { gauges: { workers: 4 } } },
    ]);
    for (const line of lines.raw()) expect(checkLine(line)).toEqual([]);
  });

  test('that do not fit into the line of a call are written in another, and none is lost', async () => {
    await observe('job', 'many', ({ measure }) => {
      for (let index = 0; index < 60; index += 1) measure(`figure_${index}`, 1);
      for (let index = 0; index < 40; index += 1) counter('fits_total', { part: index }).add();
      for (let index = 0; index < 40; index += 1) gauge('fits', { part: index }).set(index);
    });
    flushMetrics();
    const names = lines
      .records()
      .flatMap(({ measures, metadata }) => [
        ...Object.keys(measures ?? {}),
        ...Object.keys((metadata?.gauges as object) ?? {}),
      ]);
    expect(names.filter((name) => name.startsWith('fits_total'))).toHaveLength(40);
    expect(names.filter((name) => name.startsWith('fits{'))).toHaveLength(40);
    for (const line of lines.raw()) expect(checkLine(line)).toEqual([]);
    expect(await takeLosses()).toBe(0);
  });
});

describe('is refused with a sentence, counted, and costs nothing else:', () => {
  const refused: [string, () => unknown][] = [
    ['a name that Prometheus forbids', () => counter('orders.total').add()],
    ['a name of nothing', () => counter('').add()],
    ['a label that Prometheus forbids', () => counter('a_total', { 'la-bel': 'x' }).add()],
    ['a label of Prometheus’ own', () => counter('a_total', { le: '1' }).add()],
    ['a label that would hold a secret', () => counter('a_total', { api_token: 'x' }).add()],
    ['a label value without end', () => counter('a_total', { path: 'x'.repeat(10_000) }).add()],
    [
      'too many labels',
      () => counter('a_total', Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`l${at}`, 1]))).add(),
    ],
    ['a label that is an object', () => counter('a_total', { a: {} as never }).add()],
    ['a counter that goes down', () => counter('a_total').add(-1)],
    ['NaN', () => gauge('a_gauge').set(Number.NaN)],
    ['Infinity', () => histogram('a_seconds').observe(Number.POSITIVE_INFINITY)],
    ['bounds that do not ascend', () => histogram('b_seconds', {}, [1, 1]).observe(1)],
    ['a sum that is not exact', () => [1, 2].map(() => counter('huge_total').add(Number.MAX_SAFE_INTEGER))],
    ['one name as two types', () => [counter('twice').add(), gauge('twice').set(1)]],
  ];
  test.each(refused)('%s', async (_, use) => {
    const result = await observe('job', 'refusing', ({ measure }) => {
      measure('orders', 1);
      use();
      return 5;
    });
    expect(result).toBe(5);
    expect(only()).toMatchObject({ success: true, measures: { orders: 1 } });
    expect(JSON.parse(lines.raw()[0] ?? '').telemetry_dropped ?? (await takeLosses())).toBe(1);
  });

  test('a million distinct names, of which the first are written', async () => {
    await observe('job', 'flood', () => {
      for (let index = 0; index < 3_000; index += 1) counter('flood_total', { id: index }).add();
      for (let index = 0; index < 3_000; index += 1) counter(`flood_${index}_total`).add();
    });
    flushMetrics();
    const names = new Set(lines.records().flatMap(({ measures }) => Object.keys(measures ?? {})));
    expect(names.size).toBeGreaterThan(500);
    expect(names.size).toBeLessThanOrEqual(1_000);
    expect(JSON.parse(lines.raw()[0] ?? '').telemetry_dropped).toBeGreaterThan(4_000);
  });

  test('anything else', () => {
    const anything = fc.oneof(fc.anything(), fc.string({ unit: 'binary', maxLength: 600 }), fc.double());
    fc.assert(
      fc.property(anything, anything, anything, anything, (name, labels, value, bounds) => {
        counter(name as never, labels as never).add(value as never);
        gauge(name as never, labels as never).set(value as never);
        histogram(name as never, labels as never, bounds as never).observe(value as never);
        flushMetrics();
        for (const line of lines.raw().slice(-3)) expect(checkLine(line)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
