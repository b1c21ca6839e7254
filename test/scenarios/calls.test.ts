import { describe, expect, test } from 'vitest';
import { extractMetrics } from '../../emulator/cloudwatch/emf.ts';
import { invocation } from '../../lambdas/contract/invocation.ts';
import { operationOf } from '../../lambdas/observe/call/operation.ts';
import { ToolError } from '../../lambdas/observe/failure/tool-error.ts';
import { formatLine } from '../../lambdas/observe/line/format-line.ts';
import { type Call, callsOf } from '../../scenarios/calls.ts';
import { scenarioLine } from '../../scenarios/line.ts';
import { scenario } from '../../scenarios/scenario.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const aCall = (given: Partial<Call> = {}): Call => ({
  tool: 'order_status',
  endedAt: NOW,
  ms: 120,
  failure: undefined,
  killed: false,
  line: 'whole',
  ...given,
});
const teller = { service: 'toolwatch', slowAboveMs: 2_000, countsCallerErrors: false, provider: 'shop' };

describe('the line of a scenario’s call', () => {
  test.each<[string, Partial<Call>]>([
    ['a success', {}],
    ['a slow one', { ms: 2_001 }],
    ['our failure', { failure: { code: 'INTERNAL_ERROR', fault: 'ours' } }],
    ['the outside service’s', { failure: { code: 'UPSTREAM_ERROR', fault: 'dependency' } }],
    ['the caller’s', { failure: { code: 'INVALID_INPUT', fault: 'caller' } }],
    ['one after a loss', { line: 'lossy' }],
  ])('holds the metrics of the wrapper’s own line: %s', (_, given) => {
    const call = aCall(given);
    const site = operationOf({ kind: 'tool', name: call.tool, slowMs: teller.slowAboveMs, provider: teller.provider });
    const own = formatLine(site, {
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
    const line = scenarioLine(call, { ...teller, service: site.deployment.service }, 1) ?? '';
    expect(extractMetrics(line, NOW)).toEqual(extractMetrics(own, NOW));
    expect(invocation.parse(JSON.parse(line)).success).toBe(call.failure === undefined);
  });

  test.each([
    ['cut', { failed: 'EMFParsingErrors' }],
    ['invalid', { failed: 'EMFValidationErrors' }],
  ] as const)('that is %s is counted as what it is', (line, extracted) => {
    expect(extractMetrics(scenarioLine(aCall({ line }), teller, 1) ?? '', NOW)).toEqual(extracted);
  });

  test('may never be written', () => {
    expect(scenarioLine(aCall({ line: 'unwritten' }), teller, 1)).toBeUndefined();
  });
});

describe('calls', () => {
  const collect = (traffic: object, minutes: number, seed?: number) => {
    const one = scenario.parse({ title: 't', minutes, traffic: [{ tool: 'order_status', ...traffic }], seed });
    const arriving = callsOf(one, ['order_status', 'place_order'], NOW);
    return Array.from({ length: minutes }, (_, minute) => arriving(minute).recorded);
  };

  test('without a seed have exactly the shares they should', () => {
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

  test('with a seed have them on average', () => {
    const calls = collect({ calls_per_minute: 50, failures: [{ share: 0.2 }] }, 100, 1).flat();
    expect(calls.length / 5_000).toBeCloseTo(1, 1);
    expect(calls.filter(({ failure }) => failure).length / calls.length).toBeCloseTo(0.2, 1);
  });

  test('take what their distribution says', () => {
    const ms = collect({ calls_per_minute: 100, ms: 200, p95_ms: 900 }, 20)
      .flat()
      .map((call) => call.ms)
      .sort((a, b) => a - b);
    expect((ms[1_000] ?? 0) / 200).toBeCloseTo(1, 1);
    expect((ms[1_900] ?? 0) / 900).toBeCloseTo(1, 1);
  });

  test('rarer than one a minute come as often as they should', () => {
    expect(collect({ calls_per_minute: 0.2 }, 60).filter((calls) => calls.length > 0)).toHaveLength(12);
  });

  test('whose lines are late keep their time', () => {
    const minutes = collect({ calls_per_minute: 1, late: [{ minutes: 7 }] }, 10);
    expect(minutes.map((calls) => calls.length)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
    expect(minutes[7]?.[0]?.endedAt).toBe(NOW);
    const late = scenario.parse({
      title: 't',
      minutes: 1,
      traffic: [{ tool: 'a', calls_per_minute: 1, late: [{ minutes: 7 }] }],
    });
    expect(callsOf(late, ['a'], NOW)(0)).toMatchObject({ made: [{ tool: 'a' }], told: [] });
  });

  test('are at fault as the wrapper has it when nothing says otherwise', () => {
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

  test('of all tools at once are of each', () => {
    const one = scenario.parse({ title: 't', minutes: 1, traffic: [{ tool: '*', calls_per_minute: 1 }] });
    expect(callsOf(one, ['a', 'b'], NOW)(0).recorded.map(({ tool }) => tool)).toEqual(['a', 'b']);
  });
});
