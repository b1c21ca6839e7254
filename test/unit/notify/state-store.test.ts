import { randomBytes, randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { DIGEST_LIMITS } from '../../../lambdas/notify/digests/ways.ts';
import type { Topology } from '../../../lambdas/notify/incidents/causes.ts';
import type { StateChange } from '../../../lambdas/notify/incidents/incident.ts';
import { updateIncidents } from '../../../lambdas/notify/incidents/update-incidents.ts';
import { addMessages } from '../../../lambdas/notify/outbox/add-messages.ts';
import { settleMessages } from '../../../lambdas/notify/outbox/outbox.ts';
import { StateStore } from '../../../lambdas/notify/outbox/state-store.ts';
import { read } from '../../support/source-files.ts';
import { ALARM_NOTIFICATIONS } from './alarm-notifications.ts';
import { createTable } from './notifier-parts.ts';

test('a state that cannot be read is reported with the heading of the runbook that says how to put it aside', async () => {
  const item = { version: { N: '1' }, state: { B: Buffer.from('no gzip') } };
  const client = { send: async () => ({ Item: item }) } as unknown as DynamoDBClient;
  const message = await new StateStore(client, 'table')
    .update((state) => ({ state, result: 'read' }))
    .catch((error: Error) => error.message);
  const [, heading = ''] = /: (pipeline\/[\w-]+)\.$/.exec(message) ?? [];
  const [, section = ''] = read('docs/runbook.md').split(`\n### ${heading}\n`);
  expect(section.split('\n### ')[0]).toContain('aws dynamodb delete-item');
});

test('a state that is too large for an item is read as it was written, also while another run writes one', async () => {
  const table = createTable();
  const store = new StateStore(table.client, 'table');
  const remember = (cause: string) =>
    store.update((state) => {
      const ended = {
        ...state.incidents.ended,
        [cause]: { id: randomBytes(600_000).toString('hex'), relapses: 0, at: 1 },
      };
      return { state: { ...state, incidents: { ...state.incidents, ended } }, result: ended };
    });
  const first = await remember('tool/one');
  await Promise.all([remember('tool/two'), remember('tool/three')]);
  const stored = await store.update((state) => ({ state, result: state.incidents.ended }));
  expect(Object.keys(stored).sort()).toEqual(['tool/one', 'tool/three', 'tool/two']);
  expect(stored['tool/one']).toEqual(first['tool/one']);
});

test('ten thousand causes at once are remembered until all are over', { timeout: 60_000 }, async () => {
  const store = new StateStore(createTable().client, 'table');
  const names = Array.from({ length: 10_000 }, (_, index) => `tool/${randomUUID()}-${index}/failing`);
  const topology: Topology = { tools: {}, windowMs: 60_000 };
  const audience = {
    findChannels: () => ['chat', 'pager'],
    findNotified: () => [],
    topics: { critical: 'arn:critical', warning: 'arn:warning' },
    topology,
    digests: { ...DIGEST_LIMITS, takesDigests: () => true, shows: () => true },
  };
  /** Resolves to the messages, all of which are delivered. */
  const take = (state: 'ALARM' | 'OK' | undefined, now: number) =>
    store.update(({ incidents, outbox }) => {
      const changes = names.map((alarm, index): StateChange => {
        const at = now - (index % 9_973);
        const notification = JSON.stringify({ ...ALARM_NOTIFICATIONS.metric, AlarmName: alarm, StateChangeTime: at });
        return { alarm, severity: 'critical', state: state ?? 'OK', at, notification };
      });
      const decided = updateIncidents(incidents, state ? changes : [], now, topology);
      const added = addMessages(outbox, decided.messages, now, randomUUID, audience);
      const delivered = settleMessages(added, new Map(added.messages.map(({ id }) => [id, []])));
      return { state: { incidents: decided.incidents, outbox: delivered }, result: added.messages };
    });
  const begin = await take('ALARM', 1_000_000);
  expect(begin.filter(({ message }) => !message.digest)).toHaveLength(10_000);
  expect(begin.flatMap(({ message }) => message.digest?.open.critical ?? [])).toEqual([9_990, 9_990, 9_990]);
  await take('OK', 2_000_000);
  const end = await take(undefined, 3_000_000);
  expect(end.filter(({ message }) => message.kind === 'over')).toHaveLength(10_003);
});
