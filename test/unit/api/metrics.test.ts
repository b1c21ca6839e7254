import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Format } from '../../../lambdas/api/metrics/exposition.ts';
import { formatMetrics, type StoredMetrics } from '../../../lambdas/api/metrics/get-metrics.ts';
import { chooseFormat } from '../../../lambdas/api/metrics/negotiate.ts';
import type { Total } from '../../../lambdas/api/metrics/totals.ts';
import { KINDS } from '../../../lambdas/contract/vocabulary.ts';
import { parseExposition, valueIn } from '../../support/exposition.ts';
import { PROMTOOL } from '../../support/prometheus.ts';

const BOUNDS = [0.1, 1, 10];
const HEALTH = { components: [] };

const aTotal = (given: Partial<Total>): Total => ({
  family: 'series',
  labels: ['orders_total'],
  counts: [1],
  total: 1,
  falls: false,
  exemplar_trace_id: null,
  exemplar_seconds: null,
  exemplar_at: null,
  ...given,
});
const stored = (totals: Total[], gauges: StoredMetrics['gauges'] = []): StoredMetrics => ({
  bounds: BOUNDS,
  totals,
  gauges,
  age_seconds: 1,
});
const parse = (metrics: StoredMetrics, format: Format = 'text') =>
  parseExposition(formatMetrics(metrics, HEALTH, format), format);

/** Calls of a kind, in the buckets of BOUNDS. */
const callsOf = (labels: string[], counts: number[], total = 0): Total =>
  aTotal({ family: 'calls', labels, counts, total });

describe('the metrics', () => {
  test('have cumulative buckets, a sum in seconds and a count, over all outcomes', () => {
    const families = parse(
      stored([
        callsOf(['tool', 'search', '', ''], [5, 3, 0, 1], 4_000_000),
        callsOf(['tool', 'search', 'TIMEOUT', 'dependency'], [0, 0, 2, 0], 8_000_000),
      ]),
    );
    const buckets = ['0.1', '1', '10', '+Inf'].map((le) =>
      valueIn(families, `tool_execution_duration_seconds_bucket{le="${le}",tool="search"}`),
    );
    expect(buckets).toEqual([5, 8, 10, 11]);
    expect(valueIn(families, 'tool_execution_duration_seconds_sum{tool="search"}')).toBe(12);
    expect(valueIn(families, 'tool_execution_duration_seconds_count{tool="search"}')).toBe(11);
    expect(valueIn(families, 'tool_executions_total{status="error",tool="search"}')).toBe(2);
    expect(valueIn(families, 'errors_total{fault="dependency",source="tool/search",type="TIMEOUT"}')).toBe(2);
  });

  test('name an exemplar on the bucket that its call is counted in, and only in OpenMetrics', () => {
    const exemplar = { exemplar_trace_id: '0af7651916cd43dd8448eb211c80319c', exemplar_seconds: 0.4, exemplar_at: 1.5 };
    const metrics = stored([{ ...callsOf(['tool', 'search', '', ''], [0, 1, 0, 0]), ...exemplar }]);
    expect(formatMetrics(metrics, HEALTH, 'openmetrics')).toContain(
      'tool_execution_duration_seconds_bucket{tool="search",le="1.0"} 1 # {trace_id="0af7651916cd43dd8448eb211c80319c"} 0.4 1.500\n',
    );
    expect(parse(metrics, 'openmetrics').get('tool_executions')?.type).toBe('counter');
    expect(formatMetrics(metrics, HEALTH, 'text')).not.toContain('trace_id');
  });

  test('of HTTP requests say method, route and status; of jobs leave out the lines that only carry metrics', () => {
    const families = parse(
      stored([
        aTotal({ family: 'http', labels: ['GET', '/a/{id}', '200', 'false'], counts: [4, 0, 0, 0] }),
        aTotal({ family: 'http', labels: ['GET', '/a/{id}', '503', 'true'], counts: [0, 1, 0, 0] }),
        callsOf(['job', 'nightly', 'INTERNAL_ERROR', 'ours'], [1, 0, 0, 0]),
        callsOf(['job', '_metrics', '', ''], [9, 0, 0, 0]),
      ]),
    );
    expect(valueIn(families, 'http_requests_total{method="GET",path="/a/{id}",status="503"}')).toBe(1);
    expect(valueIn(families, 'http_errors_total{method="GET",path="/a/{id}",status="503"}')).toBe(1);
    expect(valueIn(families, 'http_errors_total{method="GET",path="/a/{id}",status="200"}')).toBeUndefined();
    expect(valueIn(families, 'http_request_duration_seconds_count{method="GET",path="/a/{id}"}')).toBe(5);
    expect(valueIn(families, 'job_failures_total{job="nightly"}')).toBe(1);
    expect(families.get('jobs_total')?.samples).toHaveLength(1);
  });

  test('of providers add up the calls with lines of their own and those inside other calls', () => {
    const families = parse(
      stored([
        callsOf(['dependency', 'ghl', '', ''], [2, 0, 0, 0], 1_000_000),
        aTotal({ family: 'provider', labels: ['ghl', 'success'], counts: [3], total: 2_000_000 }),
        aTotal({ family: 'provider', labels: ['ghl', 'error'], counts: [1], total: 0 }),
      ]),
    );
    expect(valueIn(families, 'external_api_calls_total{provider="ghl",status="success"}')).toBe(5);
    expect(valueIn(families, 'external_api_errors_total{provider="ghl"}')).toBe(1);
    expect(valueIn(families, 'external_api_call_seconds_total{provider="ghl"}')).toBe(3);
    expect(valueIn(families, 'external_api_call_duration_seconds_count{provider="ghl"}')).toBe(2);
  });

  test('of one’s own are counters, histograms and gauges', () => {
    const measure = (key: string, total: number, falls = false) => aTotal({ labels: [key], total, falls });
    const families = parse(
      stored(
        [
          measure('cache_hits_total{cache="a"}', 7),
          measure('orders', 3),
          measure('webhook.created', 2),
          measure('webhook_created_total', 5),
          measure('balance', -4, true),
          measure('weight_bucket{le="0.5",shop="a"}', 2),
          measure('weight_bucket{le="2",shop="a"}', 3),
          measure('weight_bucket{le="+Inf",shop="a"}', 1),
          measure('weight_sum{shop="a"}', 12.5),
          measure('drift_bucket{le="1"}', 2),
          measure('drift_sum', -3, true),
        ],
        [{ series: 'workers{pool="a"}', value: 4, set_by_call: true }],
      ),
      'openmetrics',
    );
    expect(valueIn(families, 'cache_hits_total{cache="a"}')).toBe(7);
    expect(valueIn(families, 'orders_total')).toBe(3);
    expect(valueIn(families, 'webhook_created_total')).toBe(7);
    expect(families.get('balance')).toMatchObject({ type: 'gauge', samples: [{ value: -4 }] });
    expect(families.get('weight')?.samples.map(({ name, value }) => [name, value])).toEqual([
      ['weight_bucket', 2],
      ['weight_bucket', 5],
      ['weight_bucket', 6],
      ['weight_sum', 12.5],
      ['weight_count', 6],
    ]);
    expect(families.get('drift')?.samples.map(({ name }) => name)).toEqual(['drift_bucket', 'drift_bucket']);
    expect(valueIn(families, 'workers{pool="a"}')).toBe(4);
  });

  test.each([
    'tool_executions_total{tool="a"}',
    'tool_execution_duration_seconds_count',
    'health_check_status',
    'x{le="1"}',
    'x{a="1",a="2"}',
    'x{a="1"',
    'x{a="\\x"}',
    'x{__name__="y"}',
    'x y{a="1"}',
    'Umsatz€',
    '_total',
    'y_bucket{le="much"}',
  ])('of one’s own that cannot be shown are left out and counted: %s', (key) => {
    const metrics = stored([callsOf(['tool', 'search', '', ''], [1, 0, 0, 0]), aTotal({ labels: [key] })]);
    const families = parse({ ...metrics, age_seconds: 0 });
    const shown = parse(stored([callsOf(['tool', 'search', '', ''], [1, 0, 0, 0])]));
    const isReserved = key === 'health_check_status';
    if (!isReserved) expect([...families.keys()]).toEqual([...shown.keys()]);
    if (!isReserved) expect(valueIn(families, 'toolwatch_series_left_out{reason="invalid"}')).toBe(1);
  });

  test('end where Lambda would not deliver more, and say how many series that leaves out', () => {
    const totals = Array.from({ length: 500 }, (_, at) => callsOf(['tool', `tool_${at}`, '', ''], [1, 0, 0, 0]));
    const text = formatMetrics(stored(totals), HEALTH, 'text', 20_000);
    const families = parseExposition(text, 'text');
    const shown =
      (families.get('tool_executions_total')?.samples.length ?? 0) +
      (families.get('tool_execution_duration_seconds')?.samples ?? []).filter(({ name }) => name.endsWith('_count'))
        .length;
    expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThan(22_000);
    expect(valueIn(families, 'toolwatch_series_left_out{reason="no_room"}')).toBe(1_000 - shown);
  });
});

const aText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('"', '\\', '\n', '\r\n', '\\n', '\ud800', '\0', '}', ',', 'le', '_OTHER', '\u2028', ' '),
);
const aNumber = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e300),
);
const aName = fc.oneof(
  fc.constantFrom(
    ...['a', 'a_total', 'a_sum', 'a_count', 'a_bucket', 'a_created', 'b'],
    ...['tool_executions', 'errors_total', 'toString', 'constructor'],
  ),
  aText,
);
const aKey = fc.oneof(
  aText,
  aName,
  fc
    .tuple(aName, fc.array(fc.tuple(fc.constantFrom('shop', 'le', 'quantile', '__x', 'a'), aText), { maxLength: 3 }))
    .map(([name, pairs]) => `${name}{${pairs.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join()}}`),
  fc
    .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('1', '0.5', '+Inf', '-1', '1e3', ''))
    .map(([name, le]) => `${name}_bucket{le="${le}"}`),
);
const counts = fc.array(fc.nat(1_000), { minLength: 4, maxLength: 4 });
const anExemplar = fc.record({
  exemplar_trace_id: fc.constant('0af7651916cd43dd8448eb211c80319c'),
  exemplar_seconds: fc.double({ min: 0, max: 100, noNaN: true }),
  exemplar_at: fc.double({ min: 0, max: 4e9, noNaN: true }),
});
const someTotals = fc
  .oneof(
    fc.record({ labels: fc.tuple(aKey), total: aNumber, falls: fc.boolean() }),
    fc.record({
      family: fc.constant('calls' as const),
      labels: fc.tuple(fc.constantFrom(...KINDS), aText, fc.constantFrom('', 'TIMEOUT'), fc.constantFrom('', 'ours')),
      counts,
      total: fc.nat(),
    }),
    fc
      .tuple(
        fc.tuple(aText, aText, fc.constantFrom('200', '503'), fc.constantFrom('true', 'false')),
        counts,
        anExemplar,
      )
      .map(([labels, given, exemplar]) => ({ family: 'http' as const, labels, counts: given, ...exemplar })),
    fc.record({
      family: fc.constant('provider' as const),
      labels: fc.tuple(aText, fc.constantFrom('success', 'error')),
      counts: fc.tuple(fc.nat()),
      total: fc.nat(),
    }),
  )
  .map(aTotal);
const someMetrics = fc
  .record({
    totals: fc.array(someTotals, { maxLength: 30 }),
    gauges: fc.array(fc.record({ series: aKey, value: aNumber, set_by_call: fc.constant(true) }), { maxLength: 8 }),
  })
  // The store has each set of labels once.
  .map(({ totals, gauges }) =>
    stored([...new Map(totals.map((total) => [JSON.stringify([total.family, total.labels]), total])).values()], gauges),
  );

/** As a scraper reads it: what is no UTF-8 does not arrive. */
const asReceived = (text: string): string => new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text));

test.each<Format>(['text', 'openmetrics'])(
  'whatever is stored, a strict parser takes the answer in the format %s',
  (format) => {
    fc.assert(
      fc.property(someMetrics, (metrics) => {
        parseExposition(asReceived(formatMetrics(metrics, HEALTH, format)), format);
      }),
      { numRuns: 500 },
    );
  },
);

test.skipIf(!PROMTOOL)('whatever is stored, promtool takes it (skipped without promtool)', () => {
  for (const metrics of fc.sample(someMetrics, 25)) {
    const { status, stderr } = spawnSync(PROMTOOL ?? '', ['check', 'metrics'], {
      input: formatMetrics(metrics, HEALTH, 'text'),
      encoding: 'utf8',
    });
    // 3 is what it answers to names that it finds ugly, which are the callers' own.
    expect([0, 3], stderr).toContain(status);
  }
});

test.each([
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  ['text/plain', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
  ['application/openmetrics-text;version=0.0.1', 'text'],
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  ['application/openmetrics-text;q=0.1,text/plain', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['application/openmetrics-text;q=much', 'text'],
  ['application/json', 'text'],
])('the Accept header %s is answered in the format %s', (accept, format) => {
  expect(chooseFormat(accept)).toBe(format);
});
