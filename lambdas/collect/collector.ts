import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSRecord } from 'aws-lambda';
import { MAX_DIRECT_BYTES } from '../contract/jobs/direct-bytes.ts';
import { type AcceptedJob, acceptedJob } from '../contract/jobs/job.ts';
import type { JobsAnswers } from '../contract/jobs/store-requests.ts';
import { parseJson } from '../contract/parse-json.ts';

export type QueuedJob = Pick<SQSRecord, 'messageId' | 'body'>;

export interface CollectorParts {
  /** Rejects when the store does not take them. */
  readonly store: (jobs: AcceptedJob[]) => Promise<JobsAnswers['store']>;
  /** Puts a message among the dead letters. Rejects when it must stay where it is. */
  readonly putAside: (record: QueuedJob, reason: string) => Promise<void>;
  /** Starts the worker, which would else start within a minute. */
  readonly nudge: () => Promise<void>;
  readonly logger: Pick<Logger, 'error' | 'warn' | 'info'>;
}

interface ParsedJob {
  readonly record: QueuedJob;
  readonly job: AcceptedJob;
}

/** Jobs in groups, each of which fits into one request. */
const divide = (parsed: readonly ParsedJob[]): ParsedJob[][] => {
  const groups: ParsedJob[][] = [];
  let bytes = Infinity;
  for (const each of parsed) {
    const size = Buffer.byteLength(each.record.body);
    if (bytes + size > MAX_DIRECT_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    bytes += size;
    groups.at(-1)?.push(each);
  }
  return groups;
};

/** Stores a group, and each of it alone when that fails, so that one that the store refuses keeps no other waiting. */
const storeGroup = async (parts: CollectorParts, group: readonly ParsedJob[]) => {
  const { store, logger } = parts;
  const storeThese = async (these: readonly ParsedJob[]) => {
    try {
      const { stored } = await store(these.map(({ job }) => job));
      return { stored: stored.length, staying: [] };
    } catch (error) {
      logger.error('Jobs could not be stored and stay in the queue', error as Error);
      return { stored: 0, staying: these.map(({ record }) => record.messageId) };
    }
  };
  const together = await storeThese(group);
  if (together.staying.length < 2) return together;
  const alone = await Promise.all(group.map((each) => storeThese([each])));
  return { stored: alone.reduce((sum, { stored }) => sum + stored, 0), staying: alone.flatMap((one) => one.staying) };
};

/**
 * Has the jobs of these messages stored, and puts aside what is no job. Resolves to the ids of the messages that must
 * stay in the queue. Never rejects.
 */
export const collectJobs = async (parts: CollectorParts, records: readonly QueuedJob[]): Promise<string[]> => {
  const { putAside, nudge, logger } = parts;
  const staying: string[] = [];
  const parsed: ParsedJob[] = [];
  for (const record of records) {
    const { success, data, error } = acceptedJob.safeParse(parseJson(record.body));
    if (success) {
      parsed.push({ record, job: data });
      continue;
    }
    const [issue] = error.issues;
    const where = issue?.path.join('.');
    try {
      await putAside(record, `It is no job: ${where ? `${where}: ` : ''}${issue?.message}`);
    } catch (refused) {
      logger.error('A message that is no job could not be put aside', refused as Error);
      staying.push(record.messageId);
    }
  }
  let stored = 0;
  for (const group of divide(parsed)) {
    const result = await storeGroup(parts, group);
    stored += result.stored;
    staying.push(...result.staying);
  }
  if (stored > 0) {
    await nudge().catch((error: unknown) => logger.warn('The worker was not started early', error as Error));
  }
  return staying;
};
