import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { addAlarm, addCompositeAlarm } from './alarm.ts';
import { databaseAlarms } from './database-alarms.ts';
import { ingestAlarms } from './ingest-alarms.ts';
import { lineAlarms } from './line-alarms.ts';
import { isFull, selectAlarms } from './monitoring.ts';
import { notificationAlarms } from './notification-alarms.ts';
import type { Pipeline } from './pipeline.ts';
import { stageAlarms } from './stage-alarms.ts';

/** The alarms on the pipeline that watches the tools, in the order of the flow. */
export class PipelineAlarms extends Construct {
  constructor(scope: Construct, id: string, pipeline: Pipeline) {
    super(scope, id);
    const specs = selectAlarms(pipeline.settings, [
      ...lineAlarms(pipeline),
      ...ingestAlarms(pipeline),
      ...stageAlarms(pipeline),
      ...databaseAlarms(pipeline),
      ...notificationAlarms(pipeline),
    ]);
    const alarms = new Map(specs.map((spec) => [spec.name, addAlarm(this, pipeline, spec)]));
    if (!isFull(pipeline.settings)) return;
    const fires = (name: string): cloudwatch.IAlarmRule => {
      const alarm = alarms.get(`pipeline/${name}`);
      if (!alarm) throw new Error(`There is no alarm pipeline/${name}.`);
      return cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM);
    };
    // Each of these alone can wait for the morning. Together they have one cause, which notifies once.
    addCompositeAlarm(this, pipeline, {
      name: 'pipeline/store-down',
      severity: 'critical',
      means:
        'Ingest fails, and so does refresh or the api: the database does not answer. Lines are safe in the log group.',
      rule: cloudwatch.AlarmRule.allOf(
        fires('ingest-failing'),
        cloudwatch.AlarmRule.anyOf(fires('refresh-failing'), fires('api-failing')),
      ),
    });
  }
}
