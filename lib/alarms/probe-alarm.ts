import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Kind } from '../../lambdas/contract/vocabulary.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { callMetric } from '../metrics.ts';
import type { Settings } from '../settings.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext } from './alarm-spec.ts';

const KIND: Kind = 'probe';

/**
 * Adds the alarm that a probe of the settings has written no line. That a probe fails is evaluated by refresh.
 */
export function addProbeAlarm(scope: Construct, context: AlarmContext, probe: Settings['probes'][number]): void {
  const { name, silentAfterMinutes, owner } = probe;
  addAlarm(scope, context, {
    name: `probe/${name}/silent`,
    severity: 'critical',
    owner,
    means: `The probe ${name} has written no line for ${silentAfterMinutes} minutes: what it checks is unchecked now.`,
    metric: callMetric(deploymentNameOf(context.settings), `${KIND}/${name}`, 'duration', {
      statistic: 'SampleCount',
      period: Duration.minutes(silentAfterMinutes),
    }),
    threshold: 1,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    missingData: 'breaching',
  });
}
