import type { Invocation } from '../contract/invocation.ts';
import type { Database } from '../database/database.ts';
import { linesOf } from './envelope.ts';
import { isReject, type Reject, recordOf } from './record.ts';
import { type Stored, store, storeRejects } from './store.ts';

export interface Ingested extends Stored {
  /** The latest end of a call among the records; absent when there was none. */
  newest_finished_at?: string;
}

/** Stores every call of one subscription event. What is no call is kept as a reject, and nothing else is lost by it. */
export const ingest = async (database: Database, event: unknown): Promise<Ingested> => {
  const records: Invocation[] = [];
  const rejects: Reject[] = [];
  for (const outcome of linesOf(event).map(recordOf)) {
    if (isReject(outcome)) rejects.push(outcome);
    else records.push(outcome);
  }
  const stored = await store(database, records);
  await storeRejects(database, rejects);
  const newest = records.reduce((latest, { finished_at }) => (finished_at > latest ? finished_at : latest), '');
  return {
    ...stored,
    rejected: stored.rejected + rejects.length,
    ...(newest && { newest_finished_at: newest }),
  };
};
