import { callLogName } from '../call-log-name.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { awsMetric, pipelineMetric } from '../metrics.ts';
import type { AlarmContext, OptionalAlarmSpec } from './alarm-spec.ts';
import { type Pipeline, SUM, totalOf } from './pipeline.ts';

type Lines = Pick<AlarmContext, 'settings'> & Pick<Pipeline, 'completeness'>;

/**
 * Alarms on the lines of calls. Where completeness is deployed it reports every loss in the end, so these are not
 * essential.
 */
export function lineAlarms({ settings, completeness }: Lines): OptionalAlarmSpec[] {
  const dimension = { LogGroupName: callLogName(settings) };
  return [
    {
      name: 'pipeline/lines-malformed',
      severity: 'critical',
      means: 'CloudWatch could not read metrics from some lines, so alarms do not see those calls.',
      metric: totalOf('lines without metrics', [
        awsMetric('AWS/Logs', 'EMFParsingErrors', dimension, SUM),
        awsMetric('AWS/Logs', 'EMFValidationErrors', dimension, SUM),
      ]),
      threshold: 0,
      essential: !completeness,
    },
    {
      name: 'pipeline/telemetry-dropped',
      severity: 'warning',
      means: 'The wrapper around calls lost lines or fields before they were written.',
      metric: pipelineMetric(deploymentNameOf(settings), 'telemetryDropped', SUM),
      threshold: 0,
      essential: !completeness,
    },
  ];
}
