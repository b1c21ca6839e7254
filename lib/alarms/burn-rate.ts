import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Severity } from '../topics.ts';
import { type AlarmContext, addAlarm, addCompositeAlarm, type CompositeAlarmSpec } from './alarm.ts';

interface Objective extends Pick<CompositeAlarmSpec, 'suppressedBy'> {
  readonly name: string;
  readonly owner: string | undefined;
  /** The share of calls promised to succeed. */
  readonly objective: number;
  readonly min_errors: number;
  callsOf(period: Duration): cloudwatch.Metric;
  errorsOf(period: Duration): cloudwatch.Metric;
}

interface Pace {
  readonly what: string;
  readonly severity: Severity;
  /** How many times faster than the objective allows. */
  readonly factor: number;
  readonly short: Duration;
  readonly long: Duration;
  readonly means: string;
}

/** Google's SRE workbook, chapter 5: the long window says that it matters, the short one that it still goes on. */
const PACES: readonly Pace[] = [
  {
    what: 'burning-fast',
    severity: 'critical',
    factor: 14.4,
    short: Duration.minutes(5),
    long: Duration.hours(1),
    means: 'fails so often that a month of its objective is spent in two days.',
  },
  {
    what: 'burning-slowly',
    severity: 'warning',
    factor: 3,
    short: Duration.hours(2),
    long: Duration.days(1),
    means: 'fails often enough that a month of its objective is spent in ten days.',
  },
];

/** Adds, for each pace, two windows that tell nobody and the alarm that speaks when both agree. */
export function addBurnRates(scope: Construct, context: AlarmContext, of: Objective): void {
  for (const { what, severity, factor, short, long, means } of PACES) {
    const name = `tool/${of.name}/${what}`;
    const window = (length: 'short' | 'long', period: Duration) =>
      addAlarm(scope, context, {
        name: `${name}/${length}-window`,
        severity,
        owner: of.owner,
        means: `A half of ${name}: it speaks when both halves agree.`,
        metric: new cloudwatch.MathExpression({
          expression: `IF(errors >= ${of.min_errors}, errors / calls, 0)`,
          label: `error rate of ${of.name}`,
          usingMetrics: { calls: of.callsOf(period), errors: of.errorsOf(period) },
          period,
        }),
        threshold: +(factor * (1 - of.objective)).toFixed(6),
        partOf: name,
      });
    const state = cloudwatch.AlarmState.ALARM;
    addCompositeAlarm(scope, context, {
      name,
      severity,
      owner: of.owner,
      means: `${of.name} ${means}`,
      suppressedBy: of.suppressedBy,
      rule: cloudwatch.AlarmRule.allOf(
        cloudwatch.AlarmRule.fromAlarm(window('short', short), state),
        cloudwatch.AlarmRule.fromAlarm(window('long', long), state),
      ),
    });
  }
}
