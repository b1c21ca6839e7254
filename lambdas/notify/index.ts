import { readFileSync } from 'node:fs';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import type { SQSBatchResponse } from 'aws-lambda';
import { SECOND_MS } from '../contract/durations.ts';
import { notifyEnv, readVariables } from '../contract/env.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import type { Topology } from './incidents/causes.ts';
import { updateIncidents } from './incidents/update-incidents.ts';
import type { InboxRecord } from './notifications/read-notification.ts';
import { Notifier } from './notifier.ts';
import { StateStore } from './outbox/state-store.ts';
import { Publisher } from './publish/publish.ts';

/** What is left of a run's time when it begins nothing more. */
const RESERVE_MS = 8 * SECOND_MS;
/** AWS answers within milliseconds, and a run may not wait for all its time for one answer. */
const AWS_TIMEOUTS = { requestHandler: { connectionTimeout: 1 * SECOND_MS, requestTimeout: 3 * SECOND_MS } };

/** The tools as `lib` writes them beside the bundle. */
const readTools = (): Topology['tools'] =>
  JSON.parse(readFileSync(new URL('./tools.json', import.meta.url), 'utf8')) as Topology['tools'];

const start = () => {
  const env = readVariables(notifyEnv);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  const { critical, warning } = env.NOTIFY_TOPICS;
  const notifier = new Notifier({
    store: new StateStore(new DynamoDBClient(AWS_TIMEOUTS), env.STATE_TABLE),
    publisher: new Publisher(new SNSClient(AWS_TIMEOUTS), {
      critical: critical.recipients,
      warning: warning.recipients,
    }),
    inbox: {
      severities: { [critical.inbox]: 'critical', [warning.inbox]: 'warning' },
      alarmPrefix: env.ALARM_PREFIX ?? '',
    },
    topology: { tools: readTools(), windowMs: env.WINDOW_SECONDS * SECOND_MS },
    update: updateIncidents,
    logger: new Logger({ serviceName }),
  });
  return { notifier, metrics: new Metrics({ namespace: NAMESPACE, serviceName }) };
};

let started: ReturnType<typeof start> | undefined;

/** An event from the queue; a schedule's has no records. */
interface NotifyEvent {
  readonly Records?: readonly InboxRecord[];
}

/**
 * Takes the notifications of alarms from the queue and reports those that must be delivered again. Each minute a
 * schedule starts it as well, so that time passes for incidents; such a run throws, and writes no heartbeat, unless the
 * notifier works.
 */
export const handler = async (
  { Records }: NotifyEvent,
  context: { getRemainingTimeInMillis(): number },
): Promise<SQSBatchResponse | undefined> => {
  started ??= start();
  const { notifier, metrics } = started;
  const until = Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS;
  if (Records) {
    const failed = await notifier.takeRecords(Records, until);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  }
  await notifier.passTime(until);
  metrics.addMetric(PIPELINE_METRICS.notifierHeartbeat, MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
  return undefined;
};
