import pg from 'pg';
import { readStatement } from '../../lambdas/database/statements.ts';
import { parametersOf } from '../../lambdas/ingest/store.ts';
import { generateCalls, type Traffic } from './generate.ts';
import type { StoreServer } from './store-server.ts';

const BATCH = 2_000;
const WRITERS = 2;
const MAX_BATCHES_ROLLED_UP = 200;

/** This database's number for the type `analytics.delivered_v1`. */
export const elementOid = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ oid: number }>("select 'analytics.delivered_v1'::regtype::oid::integer as oid");
  return rows[0]?.oid ?? 0;
};

export const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // when a bench fails, the server stops before its clients
  await client.connect();
  return client;
};

/** Stores one encoded batch as ingest does. */
export const storeEncoded = (client: pg.Client, batch: unknown[]): Promise<unknown> =>
  client.query({ name: 'ingest-store', text: readStatement('ingest-store'), values: batch });

/** Stores this traffic as ingest does, and rolls it up meanwhile unless `rollUp` is false. */
export const fill = async (server: StoreServer, traffic: Traffic, { rollUp = true } = {}): Promise<void> => {
  const oid = await elementOid(server.superuser);
  let next = 0;
  let isStored = false;
  const write = async () => {
    const client = await connect(server.urlFor('writer'));
    while (next < traffic.calls) {
      const from = next;
      next += BATCH;
      const batch = generateCalls(traffic, from, Math.min(BATCH, traffic.calls - from));
      await storeEncoded(client, parametersOf(batch, oid));
      if (from % 1_000_000 === 0) process.stderr.write(`  stored ${from.toLocaleString('en')} calls\n`);
    }
    await client.end();
  };
  const rollUpUntilStored = async () => {
    const client = await connect(server.urlFor('refresher'));
    for (let calls = 1; !isStored || calls > 0; ) {
      const { rows } = await client.query<{ calls: string }>('select rollup.roll_up($1) as calls', [
        MAX_BATCHES_ROLLED_UP,
      ]);
      calls = Number(rows[0]?.calls ?? 0);
    }
    await client.end();
  };
  const rollingUp = rollUp ? rollUpUntilStored() : Promise.resolve();
  await Promise.all(Array.from({ length: WRITERS }, write));
  isStored = true;
  await rollingUp;
};
