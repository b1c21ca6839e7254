import { beforeEach, describe, expect, test } from 'vitest';
import { createDrivenClock, type DrivenClock, MINUTE_MS } from '../../../emulator/clock.ts';
import type { AlarmNotification } from '../../../emulator/cloudwatch/alarm-message.ts';
import { type Alarms, createAlarms } from '../../../emulator/cloudwatch/alarms.ts';
import { createMetrics, type Metrics } from '../../../emulator/cloudwatch/metrics.ts';
import { PLACE } from '../../support/small-cloud.ts';

const START = Date.UTC(2026, 10, 20, 22, 0, 0);

let clock: DrivenClock;
let metrics: Metrics;
let alarms: Alarms;
let transitions: string[];
let notifications: (AlarmNotification & { action: string })[];
beforeEach(() => {
  clock = createDrivenClock(START);
  metrics = createMetrics(clock);
  transitions = [];
  notifications = [];
  alarms = createAlarms({
    place: PLACE,
    clock,
    metrics,
    notify: (action, _, notification) => notifications.push({ action, ...notification }),
    onTransition: ({ alarm, to }, actions) => transitions.push(`${alarm} ${to} ${actions.join()}`),
  });
});

const put = (value: number | number[], tool = 'a') =>
  metrics.put({ namespace: 'N', name: 'm', dimensions: { tool } }, value);
const createAlarm = (properties: object = {}) =>
  alarms.handlers['AWS::CloudWatch::Alarm']({
    stack: 'S',
    logicalId: 'A',
    properties: {
      AlarmName: 'x',
      AlarmDescription: 'a description',
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
/** Publishes each value, or none, at the start of a minute of its own. */
const publishPerMinute = async (...values: (number | number[] | undefined)[]) => {
  for (const value of values) {
    if (value !== undefined) put(value);
    await clock.advance(MINUTE_MS);
  }
};
const subjects = () => notifications.map(({ action, subject }) => [action, subject]);

describe('a metric alarm', () => {
  test('takes its actions once for each change of state', async () => {
    await createAlarm();
    alarms.start();
    await publishPerMinute(1, 1, 20, 20, 20, 1, 1);
    await clock.advance(MINUTE_MS);
    expect(subjects()).toEqual([
      ['arn:ok', 'OK: "x" in US East (N. Virginia)'],
      ['arn:alarm', 'ALARM: "x" in US East (N. Virginia)'],
      ['arn:ok', 'OK: "x" in US East (N. Virginia)'],
    ]);
  });

  test('reports a change of state with what it is published to, also if that is nothing', async () => {
    await createAlarm();
    await createAlarm({ AlarmName: 'silent', AlarmActions: [], OKActions: [] });
    alarms.start();
    await publishPerMinute(1, 1, 20, undefined);
    expect(transitions.sort()).toEqual(['silent ALARM ', 'silent OK ', 'x ALARM arn:alarm', 'x OK arn:ok']);
  });

  test('sends the documented message', async () => {
    await createAlarm();
    alarms.start();
    await publishPerMinute(1, 1, 20, undefined);
    expect(notifications.at(-1)?.message).toEqual({
      AlarmName: 'x',
      AlarmDescription: 'a description',
      AWSAccountId: PLACE.account,
      AlarmConfigurationUpdatedTimestamp: '2026-11-20T22:00:00.000+0000',
      NewStateValue: 'ALARM',
      NewStateReason: [
        'Threshold Crossed: 1 out of the last 1 datapoints [20 (20/11/26 22:02:00)] was greater than the',
        'threshold (10) (minimum 1 datapoint for OK -> ALARM transition).',
      ].join(' '),
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

  test('counts two breaching minutes in one window when windows are aligned, and in two when they slide', async () => {
    const evaluation = { Period: 300, EvaluationPeriods: 3, DatapointsToAlarm: 2 };
    await createAlarm({ ...evaluation, AlarmName: 'slides' });
    await createAlarm({ ...evaluation, AlarmName: 'aligned', EvaluationWindow: { WallClockWindow: {} } });
    alarms.start();
    await publishPerMinute(0, 20, 20, ...Array.from({ length: 17 }, () => 0));
    const fired = alarms.report().map(({ name, history }) => [name, history.filter(({ to }) => to === 'ALARM').length]);
    expect(Object.fromEntries(fired)).toEqual({ slides: 2, aligned: 0 });
  });

  describe('with a band as its threshold', () => {
    const metric = { Namespace: 'N', MetricName: 'm', Dimensions: [{ Name: 'tool', Value: 'a' }] };
    const bandProperties = (more: object = {}) => ({
      AlarmName: 'unusual',
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
    const createBandAlarm = (properties: object) =>
      alarms.handlers['AWS::CloudWatch::Alarm']({ stack: 'S', logicalId: 'A', properties });

    test('is compared with its own past, and its message names the edges of the band', async () => {
      await createBandAlarm(bandProperties());
      alarms.start();
      await publishPerMinute(...Array.from({ length: 240 }, (_, minute) => 10 + (minute % 2)), 13, 13, 13);
      expect(subjects()).toEqual([['arn:alarm', 'ALARM: "unusual" in US East (N. Virginia)']]);
      const reason = notifications[0]?.message.NewStateReason;
      expect(reason).toMatch(
        /^Threshold Crossed: 2 out of the last 2 datapoints \[13 \(.+\), 13 \(.+\)\] were greater/,
      );
      expect(reason).toMatch(/greater than the upper thresholds \[12\.\d+, 12\.\d+\] \(minimum 2/);
      expect(notifications[0]?.message.Trigger).toMatchObject({ ThresholdMetricId: 'band' });
    });

    test('sends nothing while its past is too short', async () => {
      await createBandAlarm(bandProperties());
      alarms.start();
      await publishPerMinute(...Array.from({ length: 100 }, () => 10), 1_000, 1_000, 1_000);
      expect(subjects()).toEqual([]);
    });

    test.each([
      [
        'an expression that is not a band',
        { Metrics: [...bandProperties().Metrics.slice(0, 1), { Id: 'band', Expression: 'm1 * 2' }] },
      ],
      ['a comparison with a threshold', { ComparisonOperator: 'GreaterThanThreshold' }],
      ['neither a threshold nor a band', { ThresholdMetricId: undefined, ComparisonOperator: 'GreaterThanThreshold' }],
    ])('is refused with %s', async (_, more) => {
      await expect(async () => createBandAlarm(bandProperties(more))).rejects.toThrow();
    });
  });

  describe('with a warm-up period', () => {
    const startWarmUp = async (more: object = {}) => {
      const WarmUpConfiguration = { WarmUpPeriodDurationInMinutes: 5, ...more };
      await createAlarm({ EvaluationPeriods: 3, DatapointsToAlarm: 2, WarmUpConfiguration });
      alarms.start();
    };

    test('is not evaluated during the warm-up, and fires when it ends', async () => {
      await startWarmUp();
      await publishPerMinute(20, undefined, 20, undefined);
      expect(alarms.report()[0]?.state).toBe('INSUFFICIENT_DATA');
      await publishPerMinute(20, undefined);
      expect(subjects()).toEqual([['arn:alarm', expect.stringMatching('ALARM')]]);
    });

    test('is evaluated as soon as its windows are full', async () => {
      await startWarmUp();
      await publishPerMinute(20, 20, 20, undefined);
      expect(subjects()).toEqual([['arn:alarm', expect.stringMatching('ALARM')]]);
    });

    test('is not evaluated before the period ends when it is configured so, even with full windows', async () => {
      await startWarmUp({ OnlyStartEvaluatingAfterWarmUpPeriodEnds: true });
      await publishPerMinute(20, 20, 20, 20);
      expect(subjects()).toEqual([]);
      await publishPerMinute(20, undefined);
      expect(subjects()).toEqual([['arn:alarm', expect.stringMatching('ALARM')]]);
    });
  });

  test('with disabled actions sends no notifications', async () => {
    await createAlarm({ ActionsEnabled: false });
    alarms.start();
    await publishPerMinute(20, 20, 20);
    expect(alarms.report()[0]?.state).toBe('ALARM');
    expect(subjects()).toEqual([]);
  });

  test('on a percentile retains its state while there are too few values, when it is configured so', async () => {
    const slow = Array.from({ length: 199 }, () => 100);
    const percentile = { Statistic: undefined, ExtendedStatistic: 'p95' };
    await createAlarm({ ...percentile, AlarmName: 'ignores', EvaluateLowSampleCountPercentile: 'ignore' });
    await createAlarm({ ...percentile, AlarmName: 'evaluates' });
    alarms.start();
    await publishPerMinute(slow, slow, slow);
    const states = () => Object.fromEntries(alarms.report().map(({ name, state }) => [name, state]));
    expect(states()).toEqual({ ignores: 'INSUFFICIENT_DATA', evaluates: 'ALARM' });
    await publishPerMinute([...slow, 100], undefined);
    expect(states()).toEqual({ ignores: 'ALARM', evaluates: 'ALARM' });
  });

  test.each([
    ['an operator', { ComparisonOperator: 'GreaterThanUpperThreshold' }, 'GreaterThanUpperThreshold'],
    ['a statistic', { Statistic: 'IQM' }, 'IQM'],
    ['a property', { EvaluationCriteria: {} }, 'EvaluationCriteria'],
  ])('with %s that the emulator does not support is refused, and the error names it', (_, properties, name) => {
    expect(() => createAlarm(properties)).toThrow(name);
  });
});

describe('a mute', () => {
  const createMute = (Expression: string, Duration: string) =>
    alarms.handlers['AWS::CloudWatch::AlarmMuteRule']({
      stack: 'S',
      logicalId: 'M',
      properties: { Rule: { Schedule: { Expression, Duration } }, MuteTargets: { AlarmNames: ['x'] } },
    });

  test('drops the notifications of an incident that begins and ends within it', async () => {
    await createMute('cron(2 22 * * *)', 'PT10M');
    await createAlarm();
    alarms.start();
    await publishPerMinute(1, 1, 20, 20, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    expect(subjects()).toEqual([['arn:ok', 'OK: "x" in US East (N. Virginia)']]);
    expect(alarms.report()[0]?.history.map(({ to }) => to)).toEqual(['OK', 'ALARM', 'OK']);
  });

  test('sends a postponed notification at its end when the alarm is still in ALARM', async () => {
    await createMute('at(2026-11-20T22:02)', 'PT3M');
    await createAlarm();
    alarms.start();
    await publishPerMinute(1, 1, 20, 20, 20);
    expect(subjects()).toHaveLength(1);
    await publishPerMinute(20, 20);
    expect(subjects().at(-1)).toEqual(['arn:alarm', 'ALARM: "x" in US East (N. Virginia)']);
  });

  test('counts weekdays from Sunday as 0, and 2026-11-20 is a Friday', async () => {
    await createMute('cron(0 22 * * 5)', 'PT1H');
    await createAlarm();
    alarms.start();
    await publishPerMinute(20, 20, 20);
    expect(subjects()).toEqual([]);
  });

  test('without a duration is refused', () => {
    expect(() => createMute('cron(0 22 * * *)', 'P')).toThrow('P is not a duration of a mute');
  });
});

test('an alarm on a Metrics Insights query has a state for each contributor, which its message names', async () => {
  const expression = 'SELECT AVG(m) FROM SCHEMA("N", tool) GROUP BY tool ORDER BY AVG() DESC';
  await createAlarm({
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
    await clock.advance(MINUTE_MS);
  }
  expect(notifications.map(({ message }) => [message.AlarmContributorAttributes, message.NewStateValue])).toEqual([
    [{ tool: 'a' }, 'ALARM'],
    [{ tool: 'b' }, 'ALARM'],
    [{ tool: 'a' }, 'OK'],
  ]);
  expect(alarms.report()[0]?.state).toBe('ALARM');
});

describe('a composite alarm', () => {
  const createComposite = (AlarmRule: string) =>
    alarms.handlers['AWS::CloudWatch::CompositeAlarm']({
      stack: 'S',
      logicalId: 'C',
      properties: { AlarmName: 'both', AlarmRule, AlarmActions: ['arn:alarm'], OKActions: ['arn:ok'] },
    });

  test('fires when its rule holds, and its message names its children', async () => {
    await createAlarm({ AlarmName: 'one', AlarmActions: [], OKActions: [] });
    await createAlarm({ AlarmName: 'two', Threshold: 15, AlarmActions: [], OKActions: [] });
    await createComposite(`ALARM("arn:aws:cloudwatch:us-east-1:${PLACE.account}:alarm:one") AND ALARM("two")`);
    alarms.start();
    await publishPerMinute(1, 1, 12, 12, 20, 20);
    expect(subjects()).toEqual([
      ['arn:ok', 'OK: "both" in US East (N. Virginia)'],
      ['arn:alarm', 'ALARM: "both" in US East (N. Virginia)'],
    ]);
    expect(notifications.at(-1)?.message.TriggeringChildren).toMatchObject([
      { Arn: expect.stringMatching(/alarm:one$/), State: { Value: 'ALARM' } },
      { Arn: expect.stringMatching(/alarm:two$/), State: { Value: 'ALARM' } },
    ]);
  });

  test.each([
    ['NOT ALARM("one") OR ALARM("two")', 'OK'],
    ['NOT (OK("one") AND OK("two"))', 'ALARM'],
    ['OK("one") OR ALARM("one") AND OK("two")', 'ALARM'],
  ])('evaluates the rule %s', async (rule, state) => {
    await createAlarm({ AlarmName: 'one' });
    await createAlarm({ AlarmName: 'two', Threshold: 50 });
    await createComposite(rule);
    alarms.start();
    await publishPerMinute(20, 20, 20);
    expect(alarms.report().find(({ name }) => name === 'both')?.state).toBe(state);
  });

  test('with a rule that cannot be read is refused', () => {
    expect(() => createComposite('AT_LEAST(1, ALARM, (one))')).toThrow('cannot read the alarm rule');
  });
});
