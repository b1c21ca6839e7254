import { describe, expect, test } from 'vitest';
import { extractMetrics } from '../../emulator/cloudwatch/emf.ts';
import { invocation } from '../../lambdas/contract/invocation.ts';
import { operationOf } from '../../lambdas/observe/call/operation.ts';
import { ToolError } from '../../lambdas/observe/failure/tool-error.ts';
import { formatLine } from '../../lambdas/observe/line/format-line.ts';
import { type Call, createTraffic } from '../../scenarios/calls.ts';
import { scenarioLine } from '../../scenarios/line.ts';
import { scenario } from '../../scenarios/scenario.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const aCall = (given: Partial<Call> = {}): Call => ({
  tool: 'order_status',
  endedAt: NOW,
  ms: 120,
  failure: undefined,
  killed: false,
  throttled: false,
  clockAheadMs: 0,
  line: 'whole',
  ...given,
});
const source = {
  service: 'toolwatch',
  slowAboveMs: 2_000,
  countsCallerErrors: false,
  provider: 'shop',
  countsProvider: true,
};

describe('the line of a scenario’s call', () => {
  test.each<[string, Partial<Call>]>([
    ['a success', {}],
    ['a slow call', { ms: 2_001 }],
    ['our failure', { failure: { code: 'INTERNAL_ERROR', fault: 'ours' } }],
    ['a failure of the provider', { failure: { code: 'UPSTREAM_ERROR', fault: 'dependency' } }],
    ['a failure of the caller', { failure: { code: 'INVALID_INPUT', fault: 'caller' } }],
    ['a call after a lost line', { line: 'lossy' }],
  ])('has the same metrics as the line that the wrapper writes: %s', (_, given) => {
    const call = aCall(given);
    const operation = operationOf({
      kind: 'tool',
      name: call.tool,
      slowMs: source.slowAboveMs,
      provider: source.provider,
    });
    const own = formatLine(operation, {
      call: { event_id: '01a1fa42-2000-7abc-8def-0123456789ab', correlation_id: 'c' },
      traceId: undefined,
      startedAtMs: NOW - call.ms,
      finishedAtMs: NOW,
      durationMs: call.ms,
      coldStart: false,
      attempts: 1,
      failure: call.failure && { ...call.failure, type: 'x', message: 'x', retryable: false },
      ...(call.line === 'lossy' ? { dropped: 1 } : {}),
    });
    const line = scenarioLine(call, { ...source, service: operation.deployment.service }, 1) ?? '';
    expect(extractMetrics(line, NOW)).toEqual(extractMetrics(own, NOW));
    expect(invocation.parse(JSON.parse(line)).success).toBe(call.failure === undefined);
  });

  test.each([
    ['cut', { failed: 'EMFParsingErrors' }],
    ['invalid', { failed: 'EMFValidationErrors' }],
  ] as const)('that is %s is counted by CloudWatch as that kind of error', (line, extracted) => {
    expect(extractMetrics(scenarioLine(aCall({ line }), source, 1) ?? '', NOW)).toEqual(extracted);
  });

  test('can be missing', () => {
    expect(scenarioLine(aCall({ line: 'unwritten' }), source, 1)).toBeUndefined();
  });
});

describe('calls', () => {
  const collect = (traffic: object, minutes: number, seed?: number) => {
    const parsed = scenario.parse({ title: 't', minutes, traffic: [{ tool: 'order_status', ...traffic }], seed });
    const arriving = createTraffic(parsed, ['order_status', 'place_order'], NOW);
    return Array.from({ length: minutes }, (_, minute) => arriving(minute).recorded);
  };

  test('without a seed fail in exactly the given shares', () => {
    const failures = [
      { share: 0.3, code: 'UPSTREAM_ERROR' },
      { share: 0.1, code: 'INVALID_INPUT' },
    ];
    const codes = collect({ calls_per_minute: 10, failures }, 10)
      .flat()
      .map(({ failure }) => failure?.code);
    expect(codes).toHaveLength(100);
    expect(codes.filter((code) => code === 'UPSTREAM_ERROR')).toHaveLength(30);
    expect(codes.filter((code) => code === 'INVALID_INPUT')).toHaveLength(10);
  });

  test('with a seed fail in the given shares on average', () => {
    const calls = collect({ calls_per_minute: 50, failures: [{ share: 0.2 }] }, 100, 1).flat();
    expect(calls.length / 5_000).toBeCloseTo(1, 1);
    expect(calls.filter(({ failure }) => failure).length / calls.length).toBeCloseTo(0.2, 1);
  });

  test('have the durations of their distribution', () => {
    const ms = collect({ calls_per_minute: 100, ms: 200, p95_ms: 900 }, 20)
      .flat()
      .map((call) => call.ms)
      .sort((a, b) => a - b);
    expect((ms[1_000] ?? 0) / 200).toBeCloseTo(1, 1);
    expect((ms[1_900] ?? 0) / 900).toBeCloseTo(1, 1);
  });

  test('are as frequent as given even at less than one a minute', () => {
    expect(collect({ calls_per_minute: 0.2 }, 60).filter((calls) => calls.length > 0)).toHaveLength(12);
  });

  test('have their own time even if their lines arrive late', () => {
    const minutes = collect({ calls_per_minute: 1, late: [{ minutes: 7 }] }, 10);
    expect(minutes.map((calls) => calls.length)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
    expect(minutes[7]?.[0]?.endedAt).toBe(NOW);
    const late = scenario.parse({
      title: 't',
      minutes: 1,
      traffic: [{ tool: 'a', calls_per_minute: 1, late: [{ minutes: 7 }] }],
    });
    expect(createTraffic(late, ['a'], NOW)(0)).toMatchObject({ made: [{ tool: 'a' }], recorded: [] });
  });

  test('have the fault that the wrapper gives their code, unless the scenario names another', () => {
    for (const code of [
      'INVALID_INPUT',
      'UNAUTHORIZED',
      'RATE_LIMITED',
      'TIMEOUT',
      'UPSTREAM_ERROR',
      'INTERNAL_ERROR',
    ] as const) {
      const [[call] = []] = collect({ calls_per_minute: 1, failures: [{ share: 1, code }] }, 1);
      expect(call?.failure?.fault).toBe(new ToolError(code, 'x').fault);
    }
  });

  test('can become more frequent, slower and worse, in straight lines', () => {
    const minutes = collect(
      {
        calls_per_minute: [
          { minute: 0, value: 10 },
          { minute: 100, value: 110 },
        ],
        ms: [
          { minute: 50, value: 100 },
          { minute: 100, value: 600 },
        ],
        failures: [
          {
            share: [
              { minute: 0, value: 0 },
              { minute: 100, value: 1 },
            ],
          },
        ],
      },
      121,
    );
    expect([0, 50, 100, 120].map((minute) => minutes[minute]?.length)).toEqual([10, 60, 110, 110]);
    expect([0, 60, 100, 120].map((minute) => minutes[minute]?.at(-1)?.ms)).toEqual([100, 200, 600, 600]);
    expect(minutes[100]?.every(({ failure }) => failure)).toBe(true);
    expect(minutes[50]?.filter(({ failure }) => failure)).toHaveLength(30);
  });

  test('are missed by no rate that rises from nearly nothing', () => {
    const rate = [
      { minute: 0, value: 0.001 },
      { minute: 10, value: 100 },
    ];
    for (const seed of [1, 2, 3])
      expect(collect({ calls_per_minute: rate }, 30, seed).flat().length).toBeGreaterThan(2_000);
  });

  test('are made only in the hours of an office, whose clock changes', () => {
    const friday = scenario.parse({
      title: 't',
      starts_at: '2026-10-23T00:00:00Z',
      minutes: 4 * 1_440,
      traffic: [
        {
          tool: 'a',
          calls_per_minute: 1,
          local_time: { zone: 'Europe/Berlin', days: ['Mon', 'Fri'], from: '09:00', until: '17:00' },
        },
      ],
    });
    const arriving = createTraffic(friday, ['a'], Date.parse(friday.starts_at));
    const made = Array.from({ length: friday.minutes }, (_, minute) => arriving(minute).made).flat();
    const hours = made.map(({ endedAt }) => new Date(endedAt).toISOString().slice(8, 13));
    expect(made).toHaveLength(2 * 8 * 60);
    expect([hours[0], hours[479], hours[480], hours.at(-1)]).toEqual(['23T07', '23T14', '26T08', '26T15']);
  });

  test('have the times in their lines that a wrong clock showed', () => {
    const skewed = [{ share: 0.5, seconds: -600 }];
    const [calls = []] = collect({ calls_per_minute: 10, skewed }, 1);
    const written = calls.map(
      (call) => call.endedAt - Date.parse(JSON.parse(scenarioLine(call, source, 1) ?? '').finished_at),
    );
    expect(written.filter((ms) => ms > 599_000)).toHaveLength(5);
    expect(written.filter((ms) => ms < 1_000)).toHaveLength(5);
  });

  test('that Lambda did not run for want of capacity fail by the platform’s fault', () => {
    const [[call] = []] = collect({ calls_per_minute: 1, failures: [{ share: 1, throttled: true }] }, 1);
    expect(call).toMatchObject({ throttled: true, failure: { code: 'RATE_LIMITED', fault: 'platform' } });
  });

  test('of the tool * are calls of each tool', () => {
    const parsed = scenario.parse({ title: 't', minutes: 1, traffic: [{ tool: '*', calls_per_minute: 1 }] });
    expect(createTraffic(parsed, ['a', 'b'], NOW)(0).recorded.map(({ tool }) => tool)).toEqual(['a', 'b']);
  });
});
