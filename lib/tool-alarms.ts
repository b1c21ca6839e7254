import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ToolFacts } from '../lambdas/contract/tool-facts.ts';
import { type AlarmContext, addAlarm } from './alarm.ts';
import { logsUrl } from './logs-url.ts';
import { callMetric } from './metrics.ts';
import { thresholdOf } from './thresholds.ts';

interface ToolAlarmsProps extends AlarmContext {
  readonly facts: ToolFacts;
  readonly callLogName: string;
}

/** A tool's own alarms, from its facts. The caller's faults are in neither. */
export class ToolAlarms extends Construct {
  readonly failing: cloudwatch.Alarm;
  readonly slow: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, { facts, callLogName, ...context }: ToolAlarmsProps) {
    super(scope, id);
    const { service, alarms } = context.settings;
    const { name, error_rate, p95_ms, min_calls, min_errors } = thresholdOf(facts);
    const period = Duration.seconds(alarms.periodSeconds);
    const { badWindows, windows } = alarms;
    const region = Stack.of(this).region;
    const query = (filter: string) =>
      logsUrl(region, callLogName, `filter name="${name}" and ${filter} | sort @timestamp desc`);

    this.failing = addAlarm(this, context, {
      name: `tool/${name}/failing`,
      severity: 'critical',
      means: `More than ${percent(error_rate)} of the calls of ${name} fail, and not by the caller's fault (at least ${min_errors} of ${min_calls} calls).`,
      metric: new cloudwatch.MathExpression({
        expression: `IF(calls >= ${min_calls} AND errors >= ${min_errors}, errors / calls, 0)`,
        label: `error rate of ${name}`,
        usingMetrics: {
          calls: callMetric(service, name, 'error', { statistic: 'SampleCount', period }),
          errors: callMetric(service, name, 'error', { statistic: 'Sum', period }),
        },
        period,
      }),
      threshold: error_rate,
      badWindows,
      windows,
      logsUrl: query('success=0'),
    });
    this.slow = addAlarm(this, context, {
      name: `tool/${name}/slow`,
      severity: 'warning',
      means: `One in twenty calls of ${name} takes longer than ${p95_ms} ms.`,
      metric: callMetric(service, name, 'duration', { statistic: 'p95', period }),
      threshold: p95_ms,
      badWindows,
      windows,
      ignoreLowSamples: true,
      logsUrl: query(`duration_ms>${p95_ms}`),
    });
  }
}

const percent = (share: number) => `${+(share * 100).toFixed(2)} %`;
