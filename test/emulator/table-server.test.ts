import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTableServer } from '../../emulator/dynamodb/table-server.ts';

test('a server of tables that stops answers what it was asked before, and nothing after', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tables-'));
  try {
    const server = await startTableServer(folder);
    await server.ask(
      'CreateTable',
      JSON.stringify({
        TableName: 'state',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    const put = (id: number) =>
      server.ask('PutItem', JSON.stringify({ TableName: 'state', Item: { id: { S: String(id) } } }));
    const answers = Promise.all(Array.from({ length: 200 }, (_, id) => put(id)));
    await server.stop();
    expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200]));
    await expect(put(200)).rejects.toThrow('has stopped');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
