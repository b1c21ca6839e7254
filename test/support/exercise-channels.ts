import { randomUUID } from 'node:crypto';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import type { Certificate } from '../../emulator/certificate.ts';
import type { Cloud } from '../../emulator/cloud.ts';
import { ADMIN_CREDENTIALS } from '../../emulator/iam/iam.ts';
import { arnOf } from '../../emulator/place.ts';
import { idOfDeadChannel } from '../../lambdas/contract/channels.ts';
import type { Notice } from '../../lambdas/contract/notice.ts';
import { type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { serveReceiver } from '../../local/receivers/serve-receiver.ts';
import { createWebhook } from '../../local/receivers/webhook.ts';
import { PLACE } from './small-cloud.ts';
import { OPERATOR } from './through-cloud.ts';

/** A secret of Standard Webhooks. */
export const SIGNING_SECRET = `whsec_${Buffer.from('a local signing secret of 32 byt').toString('base64')}`;

const PARAMETER = '/channels/other';

/** Channels with a secret of each place. */
export const EXERCISED_CHANNELS = settingsFrom({
  alerts: {
    channels: [
      { name: 'own', type: 'webhook', allowPrivateAddresses: true },
      { name: 'other', type: 'webhook', allowPrivateAddresses: true, secret: { parameter: PARAMETER } },
    ],
  },
} satisfies SettingsInput).alerts.channels;

export const aNotice = (more: Partial<Notice> = {}): Notice => ({
  id: randomUUID(),
  type: 'custom',
  thread: 'a-thread',
  state: 'event',
  severity: 'warning',
  title: 'The stock is low',
  lines: [],
  links: [],
  facts: {},
  since: Date.now(),
  at: Date.now(),
  place: { deployment: 'toolwatch', account: PLACE.account, region: PLACE.region },
  ...more,
});

/** Sends a message to the queue of a channel, as the notifier does. */
export const sendToChannel = (cloud: Cloud, name: string, body: string, group = 'a-thread'): void => {
  const queue = arnOf(PLACE, 'sqs', `toolwatch-channel-${name}.fifo`);
  cloud.sqs.send(OPERATOR, queue, body, {}, { group, deduplication: randomUUID() });
};

/** The messages in one of our FIFO queues: `channel-own`, `dead-own`. */
export const messagesIn = (cloud: Cloud, queue: string) => cloud.sqs.report()[`toolwatch-${queue}.fifo`] ?? [];

/** Writes down that a channel was found dead, with settings of an earlier time. */
const bury = async (cloud: Cloud, name: string): Promise<void> => {
  const { STATE_TABLE } = cloud.lambda.functionOf('toolwatch-deliver').latest.configuration.variables;
  const value = JSON.stringify({ fingerprint: 'of an earlier time', reason: 'gone', since: 0, triedAt: Date.now() });
  const { accessKeyId, secretAccessKey } = ADMIN_CREDENTIALS;
  const table = new DynamoDBClient({
    endpoint: cloud.endpoint,
    region: PLACE.region,
    credentials: { accessKeyId, secretAccessKey },
  });
  const Item = { id: { S: idOfDeadChannel(name) }, value: { S: value } };
  await table.send(new PutItemCommand({ TableName: STATE_TABLE, Item }));
};

/** Lets what delivers do everything it ever does: a notice later, one at once, one aside, and a dead channel that lives. */
export const exerciseChannels = async (cloud: Cloud, certificate: Certificate): Promise<void> => {
  const webhook = await serveReceiver(createWebhook(SIGNING_SECRET), certificate);
  const secret = JSON.stringify({ url: webhook.url, secrets: [SIGNING_SECRET] });
  try {
    cloud.secrets.provide('toolwatch/CHANNEL_OWN', secret);
    cloud.parameters.provide(PARAMETER, secret);
    await bury(cloud, 'own');
    await webhook.setFault({ kind: 'status', status: 503 });
    for (const { name } of EXERCISED_CHANNELS) {
      sendToChannel(cloud, name, JSON.stringify(aNotice()));
      sendToChannel(cloud, name, 'no notice', 'another');
    }
    await expect.poll(() => webhook.attempts().length).toBeGreaterThanOrEqual(EXERCISED_CHANNELS.length);
    await webhook.setFault(undefined);
    for (const { name } of EXERCISED_CHANNELS) {
      await expect.poll(() => messagesIn(cloud, `dead-${name}`).length).toBe(1);
      await expect.poll(() => messagesIn(cloud, `channel-${name}`), { timeout: 60_000 }).toEqual([]);
    }
  } finally {
    await webhook.stop();
  }
};
