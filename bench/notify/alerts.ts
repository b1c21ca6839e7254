import { join } from 'node:path';
import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import pg from 'pg';
import { ADMIN_CREDENTIALS } from '../../emulator/iam/iam.ts';
import { MINUTE_MS } from '../../lambdas/contract/durations.ts';
import { notifyEnv } from '../../lambdas/contract/env/notify.ts';
import { parametersOf } from '../../lambdas/ingest/store.ts';
import type { Running } from '../../local/run.ts';
import { startLocalRun } from '../start/local-run.ts';
import { elementOid, storeEncoded } from '../store/fill.ts';
import { generateCalls } from '../store/generate.ts';

/** So many requests are under way at once. */
const PUBLISHERS = 20;
const POLL_MS = 10;
const HISTORY_MS = 60 * MINUTE_MS;

/** A change of an alarm's state, of which the inbox is notified. */
export interface Change {
  /** Without the deployment's name. */
  readonly alarm: string;
  readonly state: 'ALARM' | 'OK';
}

/** The notification of a metric alarm, as CloudWatch documents it. */
const notificationOf = (prefix: string, { alarm, state }: Change, inbox: string): string => {
  const at = new Date().toISOString().replace('Z', '+0000');
  const from = state === 'ALARM' ? 'OK' : 'ALARM';
  return JSON.stringify({
    AlarmName: `${prefix}${alarm}`,
    AlarmDescription: null,
    AWSAccountId: '000000000000',
    AlarmConfigurationUpdatedTimestamp: at,
    NewStateValue: state,
    NewStateReason: `Threshold Crossed: 1 out of the last 1 datapoints was greater than the threshold (0.1) (minimum 1 datapoint for ${from} -> ${state} transition).`,
    StateChangeTime: at,
    Region: 'US East (N. Virginia)',
    AlarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${prefix}${alarm}`,
    OldStateValue: from,
    OKActions: [inbox],
    AlarmActions: [inbox],
    InsufficientDataActions: [],
    Trigger: {
      MetricName: 'error',
      Namespace: 'Toolwatch',
      StatisticType: 'Statistic',
      Statistic: 'AVERAGE',
      Unit: null,
      Dimensions: [{ value: alarm.split('/')[1], name: 'tool' }],
      Period: 60,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0.1,
      TreatMissingData: 'notBreaching',
    },
  });
};

/** Stores an hour of calls of many tools, so that the notifier has something to ask for. */
const storeCalls = async (running: Running, calls: number, tools: number): Promise<void> => {
  const client = new pg.Client({ connectionString: running.postgresUrl });
  await client.connect();
  try {
    const traffic = { seed: 1, fromMs: Date.now() - HISTORY_MS, spanMs: HISTORY_MS, calls, tools };
    await storeEncoded(client, parametersOf(generateCalls(traffic, 0, calls), await elementOid(client)));
  } finally {
    await client.end();
  }
};

/** Stops every process of the database where it stands, so that whoever asks it waits. Returns what lets it go on. */
const hangDatabase = async ({ postgresUrl }: Running): Promise<() => void> => {
  const client = new pg.Client({ connectionString: postgresUrl });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query<{ pid: number }>(
    `select pid from pg_stat_activity where pid <> pg_backend_pid()
     union all select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::integer`,
  );
  await client.end();
  for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
  return () => {
    for (const { pid } of rows) process.kill(pid, 'SIGCONT');
  };
};

/** The local run with a channel of each kind, its store filled. Alarms publish to its inbox without having to fire. */
export const startAlerts = async (root: string, { calls, tools }: { calls: number; tools: number }) => {
  const local = await startLocalRun(root, () => ({ settingsFile: join(root, 'cdk.json'), showsChannels: true }));
  const { running } = local;
  const { cloud } = running;
  const env = notifyEnv.parse(cloud.lambda.functionOf('toolwatch-notify').latest.configuration.variables);
  const { inbox } = env.NOTIFY_TOPICS.critical;
  const { accessKeyId, secretAccessKey } = ADMIN_CREDENTIALS;
  const credentials = { accessKeyId, secretAccessKey };
  const sns = new SNSClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials });
  const dynamoDb = new DynamoDBClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials });
  await storeCalls(running, calls, tools);

  /** Publishes what alarms of severity critical would. */
  const publish = async (changes: readonly Change[]): Promise<void> => {
    const left = [...changes];
    const publishLeft = async () => {
      for (let change = left.shift(); change; change = left.shift()) {
        const Message = notificationOf(env.ALARM_PREFIX ?? '', change, inbox);
        await sns.send(new PublishCommand({ TopicArn: inbox, Message }));
      }
    };
    await Promise.all(Array.from({ length: PUBLISHERS }, publishLeft));
  };

  /** How many messages about something each channel shows, by their titles. */
  const countShown = (about: RegExp): number[] =>
    running.channels().map(({ messages }) => messages.filter(({ title }) => about.test(title)).length);

  /** Resolves to the seconds until every channel shows one. Rejects after `limitSeconds`. */
  const waitUntilShown = async (about: RegExp, limitSeconds: number): Promise<number> => {
    const from = performance.now();
    const seconds = () => (performance.now() - from) / 1_000;
    while (countShown(about).some((count) => count === 0)) {
      if (seconds() > limitSeconds) throw new Error(`After ${limitSeconds} seconds not every channel shows ${about}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return seconds();
  };

  return {
    publish,
    countShown,
    waitUntilShown,
    /** How many notifications wait in the inbox, or are being read. */
    countWaiting: () =>
      Object.entries(cloud.sqs.report())
        .filter(([queue]) => /NotifyQueue/.test(queue))
        .reduce((sum, [, messages]) => sum + messages.length, 0),
    /** Lets the notifier forget all incidents, so that those that follow are not among too many for a message each. */
    forgetIncidents: () =>
      dynamoDb.send(new DeleteItemCommand({ TableName: env.STATE_TABLE, Key: { id: { S: 'state' } } })),
    hangDatabase: () => hangDatabase(running),
    stop: async () => {
      sns.destroy();
      dynamoDb.destroy();
      await local.stop();
    },
  };
};
