import { beforeEach, describe, expect, test } from 'vitest';
import { type DrivenClock, drivenClock } from '../../../emulator/clock.ts';
import type { Notice } from '../../../emulator/cloudwatch/alarm-message.ts';
import { type Alarms, createAlarms } from '../../../emulator/cloudwatch/alarms.ts';
import { createMetrics, type Metrics } from '../../../emulator/cloudwatch/metrics.ts';
import { PLACE } from '../../support/small-cloud.ts';

const START = Date.UTC(2026, 10, 20, 22, 0, 0);
const MINUTE = 60_000;

let clock: DrivenClock;
let metrics: Metrics;
let alarms: Alarms;
let notices: (Notice & { action: string })[];
beforeEach(() => {
  clock = drivenClock(START);
  metrics = createMetrics(clock);
  notices = [];
  alarms = createAlarms({
    place: PLACE,
    clock,
    metrics,
    notify: (action, _, notice) => notices.push({ action, ...notice }),
    onTransition: () => {},
  });
});

const put = (value: number | number[], tool = 'a') =>
  metrics.put({ namespace: 'N', name: 'm', dimensions: { tool } }, value);
const alarm = (properties: object = {}) =>
  alarms.handlers['AWS::CloudWatch::Alarm']({
    stack: 'S',
    logicalId: 'A',
    properties: {
      AlarmName: 'x',
      AlarmDescription: 'what it means',
      Namespace: 'N',
      MetricName: 'm',
      Dimensions: [{ Name: 'tool', Value: 'a' }],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: ['arn:alarm'],
      OKActions: ['arn:ok'],
      ...properties,
    },
  });
/** Lets minutes pass, each with this value. */
const minutes = async (...values: (number | number[] | undefined)[]) => {
  for (const value of values) {
    if (value !== undefined) put(value);
    await clock.advance(MINUTE);
  }
};
const told = () => notices.map(({ action, subject }) => [action, subject]);

describe('a metric alarm', () => {
  test('tells its actions of each change, once', async () => {
    await alarm();
    alarms.start();
    await minutes(1, 1, 20, 20, 20, 1, 1);
    await clock.advance(MINUTE);
    expect(told()).toEqual([
      ['arn:ok', 'OK: "x" in US East (N. Virginia)'],
      ['arn:alarm', 'ALARM: "x" in US East (N. Virginia)'],
      ['arn:ok', 'OK: "x" in US East (N. Virginia)'],
    ]);
  });

  test('is described as documented', async () => {
    await alarm();
    alarms.start();
    await minutes(1, 1, 20, undefined);
    expect(notices.at(-1)?.message).toEqual({
      AlarmName: 'x',
      AlarmDescription: 'what it means',
      AWSAccountId: PLACE.account,
      AlarmConfigurationUpdatedTimestamp: '2026-11-20T22:00:00.000+0000',
      NewStateValue: 'ALARM',
      NewStateReason:
        'Threshold Crossed: 1 out of the last 1 datapoints [20 (20/11/26 22:02:00)] was greater than the threshold (10) (minimum 1 datapoint for OK -> ALARM transition).',
      StateChangeTime: '2026-11-20T22:03:03.000+0000',
      Region: 'US East (N. Virginia)',
      AlarmArn: `arn:aws:cloudwatch:us-east-1:${PLACE.account}:alarm:x`,
      OldStateValue: 'OK',
      OKActions: ['arn:ok'],
      AlarmActions: ['arn:alarm'],
      InsufficientDataActions: [],
      Trigger: {
        MetricName: 'm',
        Namespace: 'N',
        StatisticType: 'Statistic',
        Statistic: 'SUM',
        Unit: null,
        Dimensions: [{ value: 'a', name: 'tool' }],
        Period: 60,
        EvaluationPeriods: 1,
        DatapointsToAlarm: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: 10,
        TreatMissingData: 'notBreaching',
        EvaluateLowSampleCountPercentile: 'evaluate',
      },
    });
  });

  test('sees two bad minutes once when its windows begin with the clock, and twice when they slide', async () => {
    const halves = { Period: 300, EvaluationPeriods: 3, DatapointsToAlarm: 2 };
    await alarm({ ...halves, AlarmName: 'slides' });
    await alarm({ ...halves, AlarmName: 'aligned', EvaluationWindow: { WallClockWindow: {} } });
    alarms.start();
    await minutes(0, 20, 20, ...Array.from({ length: 17 }, () => 0));
    const fired = alarms.report().map(({ name, history }) => [name, history.filter(({ to }) => to === 'ALARM').length]);
    expect(Object.fromEntries(fired)).toEqual({ slides: 2, aligned: 0 });
  });

  describe('with a band for a threshold', () => {
    const metric = { Namespace: 'N', MetricName: 'm', Dimensions: [{ Name: 'tool', Value: 'a' }] };
    const banded = (more: object = {}) => ({
      AlarmName: 'odd',
      ComparisonOperator: 'GreaterThanUpperThreshold',
      ThresholdMetricId: 'band',
      EvaluationPeriods: 2,
      TreatMissingData: 'notBreaching',
      AlarmActions: ['arn:alarm'],
      OKActions: [],
      Metrics: [
        { Id: 'm1', MetricStat: { Metric: metric, Period: 60, Stat: 'Sum' } },
        { Id: 'band', Expression: 'ANOMALY_DETECTION_BAND(m1, 4)' },
      ],
      ...more,
    });
    const deployed = (properties: object) =>
      alarms.handlers['AWS::CloudWatch::Alarm']({ stack: 'S', logicalId: 'A', properties });

    test('is held against its own past, and says where the band was', async () => {
      await deployed(banded());
      alarms.start();
      await minutes(...Array.from({ length: 240 }, (_, minute) => 10 + (minute % 2)), 13, 13, 13);
      expect(told()).toEqual([['arn:alarm', 'ALARM: "odd" in US East (N. Virginia)']]);
      expect(notices[0]?.message.NewStateReason).toMatch(
        /^Threshold Crossed: 2 out of the last 2 datapoints \[13 \(.+\), 13 \(.+\)\] were greater than the upper thresholds \[12\.\d+, 12\.\d+\] \(minimum 2/,
      );
      expect(notices[0]?.message.Trigger).toMatchObject({ ThresholdMetricId: 'band' });
    });

    test('says nothing while it has no past', async () => {
      await deployed(banded());
      alarms.start();
      await minutes(...Array.from({ length: 100 }, () => 10), 1_000, 1_000, 1_000);
      expect(told()).toEqual([]);
    });

    test.each([
      ['a band of another kind', { Metrics: [...banded().Metrics.slice(0, 1), { Id: 'band', Expression: 'm1 * 2' }] }],
      ['a comparison with a number', { ComparisonOperator: 'GreaterThanThreshold' }],
      ['no threshold of either kind', { ThresholdMetricId: undefined, ComparisonOperator: 'GreaterThanThreshold' }],
    ])('is refused with %s', async (_, more) => {
      await expect(async () => deployed(banded(more))).rejects.toThrow();
    });
  });

  describe('that warms up', () => {
    const warms = async (more: object = {}) => {
      const WarmUpConfiguration = { WarmUpPeriodDurationInMinutes: 5, ...more };
      await alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 2, WarmUpConfiguration });
      alarms.start();
    };

    test('is not judged, and tells what is wrong when that is over', async () => {
      await warms();
      await minutes(20, undefined, 20, undefined);
      expect(alarms.report()[0]?.state).toBe('INSUFFICIENT_DATA');
      await minutes(20, undefined);
      expect(told()).toEqual([['arn:alarm', expect.stringMatching('ALARM')]]);
    });

    test('is judged as soon as its windows are full', async () => {
      await warms();
      await minutes(20, 20, 20, undefined);
      expect(told()).toEqual([['arn:alarm', expect.stringMatching('ALARM')]]);
    });

    test('to the end is not judged before, however full its windows are', async () => {
      await warms({ OnlyStartEvaluatingAfterWarmUpPeriodEnds: true });
      await minutes(20, 20, 20, 20);
      expect(told()).toEqual([]);
      await minutes(20, undefined);
      expect(told()).toEqual([['arn:alarm', expect.stringMatching('ALARM')]]);
    });
  });

  test('whose actions are switched off tells nobody', async () => {
    await alarm({ ActionsEnabled: false });
    alarms.start();
    await minutes(20, 20, 20);
    expect(alarms.report()[0]?.state).toBe('ALARM');
    expect(told()).toEqual([]);
  });

  test('on a percentile stays as it is while there are too few values, if it says so', async () => {
    const slow = Array.from({ length: 199 }, () => 100);
    const percentile = { Statistic: undefined, ExtendedStatistic: 'p95' };
    await alarm({ ...percentile, AlarmName: 'ignores', EvaluateLowSampleCountPercentile: 'ignore' });
    await alarm({ ...percentile, AlarmName: 'evaluates' });
    alarms.start();
    await minutes(slow, slow, slow);
    const states = () => Object.fromEntries(alarms.report().map(({ name, state }) => [name, state]));
    expect(states()).toEqual({ ignores: 'INSUFFICIENT_DATA', evaluates: 'ALARM' });
    await minutes([...slow, 100], undefined);
    expect(states()).toEqual({ ignores: 'ALARM', evaluates: 'ALARM' });
  });

  test.each([
    ['an operator', { ComparisonOperator: 'GreaterThanUpperThreshold' }, 'GreaterThanUpperThreshold'],
    ['a statistic', { Statistic: 'IQM' }, 'IQM'],
    ['a property', { EvaluationCriteria: {} }, 'EvaluationCriteria'],
  ])('with %s that is not known here is refused by its name', (_, properties, name) => {
    expect(() => alarm(properties)).toThrow(name);
  });
});

describe('a mute', () => {
  const mute = (Expression: string, Duration: string) =>
    alarms.handlers['AWS::CloudWatch::AlarmMuteRule']({
      stack: 'S',
      logicalId: 'M',
      properties: { Rule: { Schedule: { Expression, Duration } }, MuteTargets: { AlarmNames: ['x'] } },
    });

  test('holds back what begins and ends in it', async () => {
    await mute('cron(2 22 * * *)', 'PT10M');
    await alarm();
    alarms.start();
    await minutes(1, 1, 20, 20, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    expect(told()).toEqual([['arn:ok', 'OK: "x" in US East (N. Virginia)']]);
    expect(alarms.report()[0]?.history.map(({ to }) => to)).toEqual(['OK', 'ALARM', 'OK']);
  });

  test('tells at its end what is still wrong', async () => {
    await mute('at(2026-11-20T22:02)', 'PT3M');
    await alarm();
    alarms.start();
    await minutes(1, 1, 20, 20, 20);
    expect(told()).toHaveLength(1);
    await minutes(20, 20);
    expect(told().at(-1)).toEqual(['arn:alarm', 'ALARM: "x" in US East (N. Virginia)']);
  });

  test('counts weekdays from Sunday as 0, and 2026-11-20 is a Friday', async () => {
    await mute('cron(0 22 * * 5)', 'PT1H');
    await alarm();
    alarms.start();
    await minutes(20, 20, 20);
    expect(told()).toEqual([]);
  });

  test('of no length is refused', () => {
    expect(() => mute('cron(0 22 * * *)', 'P')).toThrow('cannot last');
  });
});

test('an alarm by query has a state for each contributor, and says of whom it speaks', async () => {
  const expression = 'SELECT AVG(m) FROM SCHEMA("N", tool) GROUP BY tool ORDER BY AVG() DESC';
  await alarm({
    Namespace: undefined,
    MetricName: undefined,
    Statistic: undefined,
    Period: undefined,
    Metrics: [{ Id: 'q', Expression: expression, Period: 60, ReturnData: true }],
  });
  alarms.start();
  for (const values of [
    [1, 1],
    [20, 1],
    [20, 20],
    [1, 20],
    [1, 20],
  ]) {
    put(values[0] ?? 0, 'a');
    put(values[1] ?? 0, 'b');
    await clock.advance(MINUTE);
  }
  expect(notices.map(({ message }) => [message.AlarmContributorAttributes, message.NewStateValue])).toEqual([
    [{ tool: 'a' }, 'ALARM'],
    [{ tool: 'b' }, 'ALARM'],
    [{ tool: 'a' }, 'OK'],
  ]);
  expect(alarms.report()[0]?.state).toBe('ALARM');
});

describe('a composite alarm', () => {
  const composite = (AlarmRule: string) =>
    alarms.handlers['AWS::CloudWatch::CompositeAlarm']({
      stack: 'S',
      logicalId: 'C',
      properties: { AlarmName: 'both', AlarmRule, AlarmActions: ['arn:alarm'], OKActions: ['arn:ok'] },
    });

  test('speaks when its rule holds, and names its children', async () => {
    await alarm({ AlarmName: 'one', AlarmActions: [], OKActions: [] });
    await alarm({ AlarmName: 'two', Threshold: 15, AlarmActions: [], OKActions: [] });
    await composite(`ALARM("arn:aws:cloudwatch:us-east-1:${PLACE.account}:alarm:one") AND ALARM("two")`);
    alarms.start();
    await minutes(1, 1, 12, 12, 20, 20);
    expect(told()).toEqual([
      ['arn:ok', 'OK: "both" in US East (N. Virginia)'],
      ['arn:alarm', 'ALARM: "both" in US East (N. Virginia)'],
    ]);
    expect(notices.at(-1)?.message.TriggeringChildren).toMatchObject([
      { Arn: expect.stringMatching(/alarm:one$/), State: { Value: 'ALARM' } },
      { Arn: expect.stringMatching(/alarm:two$/), State: { Value: 'ALARM' } },
    ]);
  });

  test.each([
    ['NOT ALARM("one") OR ALARM("two")', 'OK'],
    ['NOT (OK("one") AND OK("two"))', 'ALARM'],
    ['OK("one") OR ALARM("one") AND OK("two")', 'ALARM'],
  ])('reads %s', async (rule, state) => {
    await alarm({ AlarmName: 'one' });
    await alarm({ AlarmName: 'two', Threshold: 50 });
    await composite(rule);
    alarms.start();
    await minutes(20, 20, 20);
    expect(alarms.report().find(({ name }) => name === 'both')?.state).toBe(state);
  });

  test('with a rule that cannot be read is refused', () => {
    expect(() => composite('AT_LEAST(1, ALARM, (one))')).toThrow('cannot read the alarm rule');
  });
});
