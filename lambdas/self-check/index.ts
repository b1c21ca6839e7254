import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { AWS_TIMEOUTS } from '../contract/aws-timeouts.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { selfCheckEnv } from '../contract/env/self-check.ts';
import { FINDING_DIMENSIONS, FINDING_METRICS, NAMESPACE } from '../contract/metrics.ts';
import { SELF_CHECK_ID, selfCheckState } from '../contract/self-check.ts';
import { expectedOf } from '../monitoring/monitoring-parts.ts';
import { TableItems } from '../monitoring/table-items.ts';
import { checkMonitoring, findMended } from './check-monitoring.ts';

/**
 * Looks every hour for what of the monitoring is switched off, missing or muted. Each finding is a metric, over which one
 * alarm fires for each, and stands in the notifier's table with what to do about it.
 */
export const handler = async (): Promise<{ findings: string[] }> => {
  const env = readVariables(selfCheckEnv);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  const items = new TableItems(new DynamoDBClient(AWS_TIMEOUTS), env.STATE_TABLE);
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName });
  const clients = {
    cloudwatch: new CloudWatchClient(AWS_TIMEOUTS),
    logs: new CloudWatchLogsClient(AWS_TIMEOUTS),
    sns: new SNSClient(AWS_TIMEOUTS),
  };
  const before = await items.read(SELF_CHECK_ID, selfCheckState);
  const after = await checkMonitoring(clients, expectedOf(env), before, Date.now());
  await items.write(SELF_CHECK_ID, after);
  const write = (finding: string, value: number) => {
    const metric = metrics.singleMetric();
    metric.addDimension(FINDING_DIMENSIONS.finding, finding);
    metric.addMetric(FINDING_METRICS.off, MetricUnit.Count, value);
  };
  const findings = after.findings.map(({ id }) => id);
  for (const id of findings) write(id, 1);
  for (const id of findMended(before, after)) write(id, 0);
  const logger = new Logger({ serviceName });
  if (findings.length > 0) logger.warn('Something of the monitoring is off', { findings: after.findings });
  // An alarm reads whether there are lines.
  else logger.info('Nothing of the monitoring is off');
  return { findings };
};
