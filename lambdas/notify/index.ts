import { readFileSync } from 'node:fs';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse } from 'aws-lambda';
import { AWS_TIMEOUTS } from '../contract/aws-timeouts.ts';
import { SECOND_MS } from '../contract/durations.ts';
import { notifyEnv } from '../contract/env/notify.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import type { IncidentFacts } from '../contract/incident-facts.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import type { Notice } from '../contract/notice.ts';
import type { RunbookAdvice } from '../contract/runbook.ts';
import { TableItems } from '../monitoring/table-items.ts';
import { writeLine } from '../observe/line/stdout.ts';
import { ChannelHealth } from './channel-health.ts';
import { DrillMessages } from './drill-messages.ts';
import { EventNotices } from './events/event-notices.ts';
import { EventStore } from './events/event-store.ts';
import { RateLimit } from './events/rate-limit.ts';
import type { Topology } from './incidents/causes.ts';
import { updateIncidents } from './incidents/update-incidents.ts';
import type { InboxRecord } from './notifications/read-notification.ts';
import { Notifier } from './notifier.ts';
import { StateStore } from './outbox/state-store.ts';
import { Channels } from './publish/channels.ts';
import { Publisher } from './publish/publish.ts';
import { createPublishToTopic } from './publish/publish-to-topic.ts';
import { createSendToQueue } from './publish/send-to-queue.ts';
import { buildNotice } from './words/build-notice.ts';
import type { WordsContext } from './words/context.ts';
import type { FactsQuestion } from './words/facts-question.ts';
import { Findings } from './words/findings.ts';
import { incidentLineOf } from './words/incident-record.ts';
import { FactsReader } from './words/read-facts.ts';

/** What is left of a run's time when it begins nothing more. */
const RESERVE_MS = 8 * SECOND_MS;
/** A file that `lib` writes beside the bundle. */
const readBeside = <Content>(file: string): Content =>
  JSON.parse(readFileSync(new URL(`./${file}`, import.meta.url), 'utf8')) as Content;

/** Where a topic is, as its ARN says after the partition and the service: region, then account. */
const placeOf = (topicArn: string): Pick<Notice['place'], 'account' | 'region'> => {
  const [, , , region = '', account = ''] = topicArn.split(':');
  return { account, region };
};

/** The first question loads what asks it. */
const ask = async (question: FactsQuestion, signal: AbortSignal): Promise<IncidentFacts> => {
  const { askStore } = await import('./words/ask-store.ts');
  return askStore(question, signal);
};

const start = () => {
  const env = readVariables(notifyEnv);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  const { critical, warning } = env.NOTIFY_TOPICS;
  const { CHANNELS: channels = [] } = env;
  const dynamoDb = new DynamoDBClient(AWS_TIMEOUTS);
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName });
  const topology: Topology = { tools: readBeside('tools.json'), windowMs: env.WINDOW_SECONDS * SECOND_MS };
  const words: WordsContext = {
    place: { deployment: serviceName, ...placeOf(critical.recipients) },
    links: env.NOTICE_LINKS,
    advice: readBeside<RunbookAdvice>('runbook.json'),
    topology,
  };
  const facts = new FactsReader({
    ask,
    topology,
    logger,
    onMissing: (questions) => metrics.addMetric(PIPELINE_METRICS.factsMissing, MetricUnit.Count, questions),
  });
  const topics = { critical: critical.recipients, warning: warning.recipients };
  const items = new TableItems(dynamoDb, env.STATE_TABLE);
  const drills = new DrillMessages(items, logger);
  const findings = new Findings(items);
  const publisher = new Publisher(createPublishToTopic(AWS_TIMEOUTS), topics);
  const toChannels = new Channels({
    // By the address of the region, which a queue's own address need not be below.
    send: createSendToQueue({ ...AWS_TIMEOUTS, useQueueUrlAsEndpoint: false }),
    channels,
    place: words.place,
    logger,
  });
  const notifier = new Notifier({
    store: new StateStore(dynamoDb, env.STATE_TABLE),
    publisher,
    topics,
    channels: toChannels,
    inbox: {
      severities: { [critical.inbox]: 'critical', [warning.inbox]: 'warning' },
      alarmPrefix: env.ALARM_PREFIX ?? '',
      customNotices: env.CUSTOM_NOTICES_QUEUE,
    },
    events: new EventNotices({
      store: new EventStore(dynamoDb, env.STATE_TABLE),
      channels: toChannels,
      publisher,
      limit: new RateLimit(),
      place: words.place,
      tools: topology.tools,
      deployment: { version: env.TOOLWATCH_VERSION, lastStack: env.LAST_STACK },
      mailedDeployments: env.MAILED_DEPLOYMENTS,
      links: env.NOTICE_LINKS,
      logger,
    }),
    topology,
    update: updateIncidents,
    readFacts: async (entries, blinding) => {
      const [read] = await Promise.all([facts.read(entries, blinding), findings.load(entries)]);
      return read;
    },
    buildNotice: (entry, leading, known) => findings.explain(entry, buildNotice(entry, leading, words, known)),
    onPublished: (entry, remaining) => drills.note(entry, remaining),
    onNotified: (entry, notice) => writeLine(JSON.stringify(incidentLineOf(entry, notice))),
    logger,
  });
  const health = new ChannelHealth({ client: dynamoDb, table: env.STATE_TABLE, channels, metrics, logger });
  return { notifier, metrics, health };
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
  const { notifier, metrics, health } = started;
  const until = Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS;
  if (Records) {
    const failed = await notifier.takeRecords(Records, until);
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  }
  const unsentMs = await notifier.passTime(until);
  metrics.addMetric(PIPELINE_METRICS.notifierHeartbeat, MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
  await health.report(unsentMs);
  return undefined;
};
