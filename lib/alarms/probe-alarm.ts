import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Kind } from '../../lambdas/contract/vocabulary.ts';
import { callMetric } from '../metrics.ts';
import type { Settings } from '../settings.ts';
import { type AlarmContext, addAlarm } from './alarm.ts';

const KIND: Kind = 'probe';

/** Adds the alarm that a probe somebody runs has not been heard of. That it fails is the fleet's alarm to say. */
export function addProbeAlarm(scope: Construct, context: AlarmContext, probe: Settings['probes'][number]): void {
  const { name, silentAfterMinutes, owner } = probe;
  addAlarm(scope, context, {
    name: `probe/${name}/silent`,
    severity: 'critical',
    owner,
    means: `The probe ${name} has not been heard of for ${silentAfterMinutes} minutes: what it watches is unwatched.`,
    metric: callMetric(context.settings.service, `${KIND}/${name}`, 'error', {
      statistic: 'SampleCount',
      period: Duration.minutes(silentAfterMinutes),
    }),
    threshold: 1,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    missingData: 'breaching',
  });
}
