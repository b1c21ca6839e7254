import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { NAMESPACE, RULE_DIMENSIONS, RULE_METRICS } from '../../lambdas/contract/metrics.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext, AlarmSpec } from './alarm-spec.ts';

const ALARMS: Readonly<Record<keyof typeof RULE_METRICS, Pick<AlarmSpec, 'name' | 'severity' | 'means'>>> = {
  critical: {
    name: 'rules/critical',
    severity: 'critical',
    means: 'A critical alert rule holds. toolwatch rules show NAME lists what it holds for.',
  },
  warning: {
    name: 'rules/warning',
    severity: 'warning',
    means: 'An alert rule that is a warning holds. toolwatch rules show NAME lists what it holds for.',
  },
  notEvaluated: {
    name: 'rules/not-evaluated',
    severity: 'warning',
    means: 'An alert rule cannot be evaluated, so nobody is notified by it. Each refresh tries again.',
  },
};

/**
 * Adds the alarms on what refresh finds of alert rules, each over all rules, with the rules as its contributors. Refresh
 * writes their metrics only for rules that hold or cannot be evaluated, so they cost next to nothing. While the store is
 * down they report nothing new.
 */
export function addRuleAlarms(
  scope: Construct,
  context: AlarmContext & { settings: { refreshMinutes: number } },
): void {
  const service = deploymentNameOf(context.settings);
  const { service: byService, rule: byRule } = RULE_DIMENSIONS;
  for (const [found, { name, severity, means }] of Object.entries(ALARMS)) {
    const metric = RULE_METRICS[found as keyof typeof RULE_METRICS];
    addAlarm(scope, context, {
      name,
      severity,
      means,
      metric: new cloudwatch.MathExpression({
        expression:
          `SELECT MAX(${metric}) FROM SCHEMA("${NAMESPACE}", ${byService}, ${byRule}) ` +
          `WHERE ${byService} = '${service}' GROUP BY ${byRule} ORDER BY MAX() DESC`,
        label: 'evaluated by refresh',
        usingMetrics: {},
        // One refresh at least is in each window.
        period: Duration.minutes(Math.max(5, context.settings.refreshMinutes)),
      }),
      threshold: 0,
    });
  }
}
