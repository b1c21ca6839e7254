import type { Invocation } from '../contract/invocation.ts';
import type { Database } from '../database/database.ts';
import { linesOf } from './envelope.ts';
import { isReject, parseRecord, type Reject } from './record.ts';
import { type StoreResult, store, storeRejects } from './store.ts';

export interface IngestResult extends StoreResult {
  /** When the latest call among the records ended; absent without records. */
  newest_finished_at?: string;
}

/**
 * Stores every call of one subscription event. A line that is not a record is stored as a reject and costs no other
 * line.
 */
export const ingest = async (database: Database, event: unknown): Promise<IngestResult> => {
  const records: Invocation[] = [];
  const rejects: Reject[] = [];
  for (const outcome of linesOf(event).map(parseRecord)) {
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
