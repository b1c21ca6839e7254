import { openDatabase } from '../../lambdas/database/database.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { generateCalls, type Traffic } from '../store/generate.ts';

/** A batch of a traffic to store, sent by the parent process. */
export interface BatchOrder {
  url: string;
  traffic: Traffic;
  from: number;
  count: number;
}

/** Stores each batch that the parent sends, until this process is killed. Replies whether it is certainly stored. */
process.on('message', async ({ url, traffic, from, count }: BatchOrder) => {
  const database = openDatabase({ connectionString: url });
  try {
    await store(database, generateCalls(traffic, from, count));
    process.send?.({ from, stored: true });
  } catch {
    process.send?.({ from, stored: false }); // the server was killed; the parent sends the batch again
  } finally {
    await database.close().catch(() => {}); // the server may be down
  }
});
