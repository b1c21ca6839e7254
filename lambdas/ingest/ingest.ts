import type { IncidentLine } from '../contract/incident-line.ts';
import type { Invocation } from '../contract/invocation.ts';
import type { Database } from '../database/database.ts';
import { linesOf } from './envelope.ts';
import { isIncidentLine, parseIncidentLine, storeIncidentMessages } from './incidents.ts';
import { isReject, parseRecord, type Reject } from './record.ts';
import { type StoreResult, store, storeRejects } from './store.ts';

export interface IngestResult extends StoreResult {
  /** When the latest call among the records ended; absent without records. */
  newest_finished_at?: string;
}

/**
 * Stores every call of one subscription event, and every message about an incident. A line that is neither is stored as
 * a reject and costs no other line.
 */
export const ingest = async (database: Database, event: unknown): Promise<IngestResult> => {
  const records: Invocation[] = [];
  const rejects: Reject[] = [];
  const messages: IncidentLine[] = [];
  for (const line of linesOf(event)) {
    const outcome = isIncidentLine(line) ? parseIncidentLine(line) : parseRecord(line);
    if (isReject(outcome)) rejects.push(outcome);
    else if ('message_id' in outcome) messages.push(outcome);
    else records.push(outcome);
  }
  const stored = await store(database, records);
  if (messages.length > 0) await storeIncidentMessages(database, messages);
  await storeRejects(database, rejects);
  const newest = records.reduce((latest, { finished_at }) => (finished_at > latest ? finished_at : latest), '');
  return {
    ...stored,
    rejected: stored.rejected + rejects.length,
    ...(newest && { newest_finished_at: newest }),
  };
};
