import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { AWS_TIMEOUTS } from '../contract/aws-timeouts.ts';
import { brokenWays, type DrillAnswer } from '../contract/drill.ts';
import { SECOND_MS } from '../contract/durations.ts';
import { drillEnv } from '../contract/env/drill.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { listRecipients } from '../monitoring/findings/recipients.ts';
import { TableItems } from '../monitoring/table-items.ts';
import { DrillState } from './drill-state.ts';
import { runDrill } from './run-drill.ts';
import { readTopicCounts } from './topic-counts.ts';

const DRILL_METRICS = { critical: PIPELINE_METRICS.drillCritical, warning: PIPELINE_METRICS.drillWarning } as const;

/**
 * Runs once a week, and whenever somebody invokes it: sets off the drill's alarms by their metrics, and follows their
 * messages on every way to people. Where one did not arrive, a metric sets off an alarm.
 */
export const handler = async (): Promise<DrillAnswer> => {
  const env = readVariables(drillEnv);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  const [cloudwatch, sns] = [new CloudWatchClient(AWS_TIMEOUTS), new SNSClient(AWS_TIMEOUTS)];
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName });
  const state = new DrillState(new TableItems(new DynamoDBClient(AWS_TIMEOUTS), env.STATE_TABLE));
  const answer = await runDrill(env.DRILLED, env.DRILL_TIMEOUT_SECONDS * SECOND_MS, {
    state,
    setOff: (severities) => {
      for (const severity of severities) metrics.addMetric(DRILL_METRICS[severity], MetricUnit.Count, 1);
      metrics.publishStoredMetrics();
    },
    countRecipients: async (topic) => (await listRecipients(sns, topic)).confirmed.length,
    countDeliveries: (topic, sinceMs) => readTopicCounts(cloudwatch, topic.split(':').at(-1) ?? '', sinceMs),
    sleep,
    now: Date.now,
  });
  const logger = new Logger({ serviceName });
  if ('refused' in answer) {
    logger.warn('There was no drill', { reason: answer.refused });
    return answer;
  }
  const broken = brokenWays(answer);
  if (broken.length > 0) {
    logger.error('The drill did not arrive everywhere', { broken });
    metrics.addMetric(PIPELINE_METRICS.drillFailed, MetricUnit.Count, broken.length);
    metrics.publishStoredMetrics();
  }
  await state.writeReport(answer);
  return answer;
};
