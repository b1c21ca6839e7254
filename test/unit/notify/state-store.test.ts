import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { StateStore } from '../../../lambdas/notify/outbox/state-store.ts';
import { read } from '../../support/source-files.ts';

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
