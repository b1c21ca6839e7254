import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { addAlarm, addCompositeAlarm } from './alarm.ts';
import { databaseAlarms } from './database-alarms.ts';
import { isFull, selectAlarms } from './monitoring.ts';
import { functionAlarms, ingestAlarms, lineAlarms, notificationAlarms, type Pipeline } from './pipeline-specs.ts';

/** The alarms that watch what watches the tools, in the order of the flow. */
export class PipelineAlarms extends Construct {
  constructor(scope: Construct, id: string, pipeline: Pipeline) {
    super(scope, id);
    const promises = selectAlarms(pipeline.settings, [
      ...lineAlarms(pipeline),
      ...ingestAlarms(pipeline),
      ...functionAlarms(pipeline),
      ...databaseAlarms(pipeline),
      ...notificationAlarms(pipeline),
    ]);
    const alarms = new Map(promises.map((promise) => [promise.name, addAlarm(this, pipeline, promise)]));
    if (!isFull(pipeline.settings)) return;
    const fires = (name: string): cloudwatch.IAlarmRule => {
      const alarm = alarms.get(`pipeline/${name}`);
      if (!alarm) throw new Error(`No alarm is called pipeline/${name}.`);
      return cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM);
    };
    // Each of them alone can wait for the morning. Together they have one cause, and a person is woken once.
    addCompositeAlarm(this, pipeline, {
      name: 'pipeline/store-down',
      severity: 'critical',
      means:
        'Ingest fails and so does refresh or the api: the database does not answer. Lines are safe in the log group.',
      rule: cloudwatch.AlarmRule.allOf(
        fires('ingest-failing'),
        cloudwatch.AlarmRule.anyOf(fires('refresh-failing'), fires('api-failing')),
      ),
    });
  }
}
