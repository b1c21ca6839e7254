import * as cdk from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDrivenClock, MINUTE_MS } from '../../../emulator/clock.ts';
import { createAlarms } from '../../../emulator/cloudwatch/alarms.ts';
import { createMetrics } from '../../../emulator/cloudwatch/metrics.ts';
import { addUnrecordedAlarms, type CountedFunction } from '../../../lib/alarms/unrecorded-alarms.ts';
import { settingsFrom } from '../../../lib/settings.ts';
import { Topics } from '../../../lib/topics.ts';
import { PLACE } from '../../support/small-cloud.ts';

const START = Date.UTC(2026, 10, 20, 22, 0, 0);
const HOUR = 60;
const DAY = 24 * HOUR;

/** The properties of the alarms on a function, as they are deployed. */
const alarmsOn = (tools: CountedFunction['tools']) => {
  const stack = new cdk.Stack(new cdk.App(), 'S');
  const settings = settingsFrom({});
  const topics = new Topics(stack, 'Topics', settings);
  addUnrecordedAlarms(stack, { settings, topics }, { functionName: 'f', tools });
  return Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => ({
    ...Properties,
    AlarmDescription: 'a description',
    AlarmActions: ['arn:alarm'],
    OKActions: ['arn:ok'],
    Tags: [],
  }));
};
const properties = { one: alarmsOn(['a']), two: alarmsOn(['a', 'b']) };

/** A run of the function. Minutes count from the alarms' creation; those before it are negative. */
interface Run {
  at: number;
  /** How long it takes, and its line takes to become a metric, in minutes. */
  minutes?: number;
  /** The tool of its line; none where it writes no line. */
  line?: 'a' | 'b';
  /** Whether the call fails by its caller's fault. */
  callersFault?: boolean;
  error?: boolean;
}

const metricOf = (namespace: string, name: string, dimensions: Record<string, string>) => ({
  namespace,
  name,
  dimensions,
});

/** The alarms that fire while a function runs, and in which minute. */
async function watch(runs: readonly Run[], minutes: number, deployed: object[] = properties.one) {
  const firstMinute = Math.min(0, ...runs.map(({ at }) => at));
  const clock = createDrivenClock(START + firstMinute * MINUTE_MS);
  const metrics = createMetrics(clock);
  const fired: Record<string, number> = {};
  let minute = firstMinute;
  const alarms = createAlarms({
    place: PLACE,
    clock,
    metrics,
    notify: (action, _, { subject }) => {
      if (action === 'arn:alarm') fired[/tool\/a\/([\w-]+)/.exec(subject)?.[1] ?? subject] = minute;
    },
    onTransition: () => {},
  });
  alarms.start();
  const happening = new Map<number, (() => void)[]>();
  const atMinute = (when: number, work: () => void) => happening.set(when, [...(happening.get(when) ?? []), work]);
  for (const { at, minutes: lasting = 0, line, callersFault = false, error = false } of runs) {
    const put = (id: ReturnType<typeof metricOf>, value: number) => metrics.put(id, value, clock.now());
    atMinute(at, () => {
      put(metricOf('AWS/Lambda', 'Invocations', { FunctionName: 'f' }), 1);
      put(metricOf('AWS/Lambda', 'Errors', { FunctionName: 'f' }), error ? 1 : 0);
    });
    if (line) {
      const ofLine = (name: string) => metricOf('Toolwatch', name, { service: 'toolwatch', tool: line });
      atMinute(at + Math.ceil(lasting), () => {
        put(ofLine('duration_ms'), 1);
        if (!callersFault) put(ofLine('error'), 0);
      });
    }
  }
  for (; minute < minutes; minute += 1) {
    if (minute === 0) {
      deployed.forEach((properties, index) => {
        alarms.handlers['AWS::CloudWatch::Alarm']({ stack: 'S', logicalId: `A${index}`, properties });
      });
    }
    for (const work of happening.get(minute) ?? []) work();
    await clock.advance(MINUTE_MS);
  }
  return fired;
}

/** Runs at a steady rate, the first at minute `from`. */
const steady = (perHour: number, from: number, to: number, run: (index: number) => Omit<Run, 'at'>): Run[] =>
  Array.from({ length: Math.floor(((to - from) * perHour) / HOUR) }, (_, index) => ({
    at: from + Math.floor((index * HOUR) / perHour),
    ...run(index),
  }));

describe('a function that runs without lines', () => {
  test('is reported after two hours, and not before', async () => {
    const { 'lines-missing': minute } = await watch(
      steady(30, 0, 3 * HOUR, () => ({})),
      3 * HOUR,
    );
    expect(minute).toBeGreaterThanOrEqual(2 * HOUR);
    expect(minute).toBeLessThan(2 * HOUR + 10);
  });

  test('is reported within two hours when it stops to write them', async () => {
    const before = steady(30, 0, 6 * HOUR, () => ({ line: 'a' }));
    const after = steady(30, 6 * HOUR, 9 * HOUR, () => ({}));
    const { 'lines-missing': minute } = await watch([...before, ...after], 9 * HOUR);
    expect(minute).toBeGreaterThan(7 * HOUR);
    expect(minute).toBeLessThan(8 * HOUR);
  });

  test('is reported where one line in ten gets lost, and not where one in a hundred does', async () => {
    const losing = (every: number) =>
      steady(120, 0, 3 * HOUR, (index) => (index % every === 0 ? {} : { line: 'a' as const }));
    expect(await watch(losing(10), 3 * HOUR)).toHaveProperty('lines-missing');
    expect(await watch(losing(100), 3 * HOUR)).toEqual({});
  });

  test('is reported after a day where it is rarely called', async () => {
    const runs = steady(1, 0, 2 * DAY, () => ({}));
    const { 'no-lines': minute, ...others } = await watch(runs, 2 * DAY);
    expect(others).toEqual({});
    expect(minute).toBeGreaterThanOrEqual(DAY);
    expect(minute).toBeLessThan(DAY + HOUR);
  });
});

describe('nothing is reported of a function', () => {
  test('whose tools write the lines together', async () => {
    const runs = steady(60, 0, 4 * HOUR, (index) => ({ line: index % 2 === 0 ? ('a' as const) : ('b' as const) }));
    expect(await watch(runs, 4 * HOUR, properties.two)).toEqual({});
    expect(await watch(runs, 4 * HOUR, properties.one)).toHaveProperty('lines-missing');
  });

  test('whose calls fail by their callers’ fault', async () => {
    const perHour = (count: number) => steady(count, 0, 2 * DAY, () => ({ line: 'a', callersFault: true }));
    expect([await watch(perHour(30), 4 * HOUR), await watch(perHour(1), 2 * DAY)]).toEqual([{}, {}]);
  });

  test('that the platform kills, for which there is another alarm', async () => {
    expect(
      await watch(
        steady(60, 0, 4 * HOUR, () => ({ error: true })),
        4 * HOUR,
      ),
    ).toEqual({});
  });

  test('that ran without lines before its alarms existed', async () => {
    const before = steady(60, -2 * HOUR, 0, () => ({}));
    const after = steady(60, 0, 4 * HOUR, () => ({ line: 'a' as const }));
    expect(await watch([...before, ...after], 4 * HOUR)).toEqual({});
  });

  test('that is not called', async () => {
    expect(await watch([], 4 * HOUR)).toEqual({});
  });

  test('each of whose runs writes a line, however it is called, how long it takes and how often it fails', async () => {
    const minute = fc.integer({ min: 0, max: 6 * HOUR - 1 });
    const ofShape = fc.oneof(
      // At any time, in bursts, each hour or each day at once.
      fc.array(minute, { maxLength: 300 }),
      fc.tuple(minute, fc.integer({ min: 1, max: 400 })).map(([at, calls]) => Array(calls).fill(at) as number[]),
      fc
        .tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 1, max: 100 }))
        .map(([at, calls]) => [0, 1, 2, 3, 4, 5].flatMap((hour) => Array(calls).fill(hour * HOUR + at) as number[])),
    );
    const traffic = fc.record({
      starts: ofShape,
      minutes: fc.integer({ min: 0, max: 15 }),
      errorEvery: fc.integer({ min: 2, max: 50 }),
      throwsOnError: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(traffic, async ({ starts, minutes, errorEvery, throwsOnError }) => {
        const runs = starts.map(
          (at, index): Run => ({ at, minutes, line: 'a', error: throwsOnError && index % errorEvery === 0 }),
        );
        expect(await watch(runs, 6 * HOUR)).toEqual({});
      }),
      { numRuns: 100 },
    );
  });
});
