import type { Invocation } from '../contract/invocation.ts';
import type { Database } from '../database/database.ts';
import { linesOf } from '../subscription/envelope.ts';
import { isReject, parseRecord, type Reject } from '../subscription/record.ts';
import { isOtherLine, type OtherLine, parseOtherLine, storeOtherLines } from './other-lines.ts';
import { type StoreResult, store, storeRejects } from './store.ts';

export interface IngestResult extends StoreResult {
  /** When the latest call among the records ended; absent without records. */
  newest_finished_at?: string;
}

/**
 * Stores every call of one subscription event, every message about an incident, and what somebody changed. A line that is
 * none of them is stored as a reject and costs no other line.
 */
export const ingest = async (database: Database, event: unknown): Promise<IngestResult> => {
  const records: Invocation[] = [];
  const rejects: Reject[] = [];
  const others: OtherLine[] = [];
  const sort = <Found extends object>(outcome: Found | Reject, found: Found[]): void => {
    if (isReject(outcome)) rejects.push(outcome);
    else found.push(outcome);
  };
  for (const line of linesOf(event)) {
    if (isOtherLine(line)) sort(parseOtherLine(line), others);
    else sort(parseRecord(line), records);
  }
  const stored = await store(database, records);
  if (others.length > 0) await storeOtherLines(database, others);
  await storeRejects(database, rejects);
  const newest = records.reduce((latest, { finished_at }) => (finished_at > latest ? finished_at : latest), '');
  return {
    ...stored,
    rejected: stored.rejected + rejects.length,
    ...(newest && { newest_finished_at: newest }),
  };
};
