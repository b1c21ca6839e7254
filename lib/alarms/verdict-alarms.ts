import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { CALL_DIMENSIONS, NAMESPACE, VERDICT_METRICS } from '../../lambdas/contract/metrics.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext, AlarmSpec } from './alarm-spec.ts';

const VERDICTS: Readonly<Record<keyof typeof VERDICT_METRICS, Pick<AlarmSpec, 'name' | 'severity' | 'means'>>> = {
  trickle: {
    name: 'tools/trickle',
    severity: 'warning',
    means:
      'A tool fails more often than it may, counted over hours: it is called too rarely for the alarm of its own, or ' +
      'is too little above its limit.',
  },
  burningFast: {
    name: 'tools/burning-fast',
    severity: 'critical',
    means: "A tool fails so often that two to five days of it use up a month's error budget. The page lists the tools.",
  },
  burningSlowly: {
    name: 'tools/burning-slowly',
    severity: 'warning',
    means: "A tool fails so often that ten days of it use up a month's error budget. The page lists the tools.",
  },
  callsVanished: {
    name: 'tools/calls-vanished',
    severity: 'warning',
    means:
      'A tool has less than a quarter of the calls that are usual at this time of day, although it had as many as ' +
      'usual within the last day. The page lists the tools.',
  },
  newErrors: {
    name: 'tools/new-errors',
    severity: 'warning',
    means:
      'A tool fails in a way that was never seen before a deployment, or in one that was resolved. toolwatch errors ' +
      'list --state new lists the groups.',
  },
};

/**
 * Adds the alarms on what refresh has evaluated from the store, each over all names under which calls are counted, with
 * the names as its contributors: what takes more memory than an alarm has. Refresh writes their metrics only for names
 * that something is wrong with, so they cost next to nothing. While the store is down they report nothing new.
 */
export function addVerdictAlarms(
  scope: Construct,
  context: AlarmContext & { settings: { refreshMinutes: number } },
): void {
  const service = deploymentNameOf(context.settings);
  const { service: byService, tool: byTool } = CALL_DIMENSIONS;
  for (const [verdict, { name, severity, means }] of Object.entries(VERDICTS)) {
    const metric = VERDICT_METRICS[verdict as keyof typeof VERDICT_METRICS];
    addAlarm(scope, context, {
      name,
      severity,
      means,
      metric: new cloudwatch.MathExpression({
        expression:
          `SELECT MAX(${metric}) FROM SCHEMA("${NAMESPACE}", ${byService}, ${byTool}) ` +
          `WHERE ${byService} = '${service}' GROUP BY ${byTool} ORDER BY MAX() DESC`,
        label: 'evaluated by refresh',
        usingMetrics: {},
        // One refresh at least is in each window.
        period: Duration.minutes(Math.max(5, context.settings.refreshMinutes)),
      }),
      threshold: 0,
    });
  }
}
