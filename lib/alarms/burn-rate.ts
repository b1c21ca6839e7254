import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Severity } from '../../lambdas/contract/severity.ts';
import { addAlarm, addCompositeAlarm } from './alarm.ts';
import type { AlarmContext, CompositeAlarmSpec } from './alarm-spec.ts';

/** A tool's objective, and the metrics that show whether it is met. */
interface Objective extends Pick<CompositeAlarmSpec, 'suppressedBy'> {
  readonly name: string;
  readonly owner: string | undefined;
  /** The share of calls that must succeed. */
  readonly objective: number;
  readonly minErrors: number;
  callsOf(period: Duration): cloudwatch.Metric;
  errorsOf(period: Duration): cloudwatch.Metric;
}

interface Pace {
  readonly condition: string;
  readonly severity: Severity;
  /** How many times more errors than the objective allows. */
  readonly factor: number;
  readonly short: Duration;
  readonly long: Duration;
  readonly means: string;
}

/** Google's SRE workbook, chapter 5: the long window shows that it matters, the short one that it is still going on. */
const PACES: readonly Pace[] = [
  {
    condition: 'burning-fast',
    severity: 'critical',
    factor: 14.4,
    short: Duration.minutes(5),
    long: Duration.hours(1),
    means: "fails so often that two days of it use up a month's error budget.",
  },
  {
    condition: 'burning-slowly',
    severity: 'warning',
    factor: 3,
    short: Duration.hours(2),
    long: Duration.days(1),
    means: "fails so often that ten days of it use up a month's error budget.",
  },
];

/**
 * Adds for each pace an alarm on a short and on a long window, without actions, and the alarm that fires when both do.
 */
export function addBurnRates(scope: Construct, context: AlarmContext, objective: Objective): void {
  for (const pace of PACES) {
    const name = `tool/${objective.name}/${pace.condition}`;
    const { ALARM } = cloudwatch.AlarmState;
    addCompositeAlarm(scope, context, {
      name,
      severity: pace.severity,
      owner: objective.owner,
      means: `${objective.name} ${pace.means}`,
      suppressedBy: objective.suppressedBy,
      rule: cloudwatch.AlarmRule.allOf(
        cloudwatch.AlarmRule.fromAlarm(addWindow(scope, context, objective, pace, 'short'), ALARM),
        cloudwatch.AlarmRule.fromAlarm(addWindow(scope, context, objective, pace, 'long'), ALARM),
      ),
    });
  }
}

function addWindow(
  scope: Construct,
  context: AlarmContext,
  { name: tool, owner, objective, minErrors, callsOf, errorsOf }: Objective,
  pace: Pace,
  length: 'short' | 'long',
): cloudwatch.Alarm {
  const name = `tool/${tool}/${pace.condition}`;
  const period = pace[length];
  return addAlarm(scope, context, {
    name: `${name}/${length}-window`,
    severity: pace.severity,
    owner,
    means: `One of the two windows of ${name}, which notifies when both fire.`,
    metric: new cloudwatch.MathExpression({
      expression: `IF(errors >= ${minErrors}, errors / calls, 0)`,
      label: `error rate of ${tool}`,
      usingMetrics: { calls: callsOf(period), errors: errorsOf(period) },
      period,
    }),
    threshold: +(pace.factor * (1 - objective)).toFixed(6),
    partOf: name,
  });
}
