import { openDatabase } from '../../lambdas/database/database.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { callsOf, type Traffic } from '../store/generate.ts';

/** A batch of a traffic, sent by the process that started this one. */
export interface Order {
  url: string;
  traffic: Traffic;
  from: number;
  count: number;
}

/** Stores each batch it is told to, until it is killed. Answers whether that batch is in for certain. */
process.on('message', async ({ url, traffic, from, count }: Order) => {
  const database = openDatabase({ connectionString: url });
  try {
    await store(database, callsOf(traffic, from, count));
    process.send?.({ from, stored: true });
  } catch {
    process.send?.({ from, stored: false }); // the server is gone; the batch is for another time
  } finally {
    await database.close().catch(() => {}); // gone as well
  }
});
