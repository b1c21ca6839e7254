import type pg from 'pg';
import type { AcceptedJob } from '../contract/jobs/job.ts';
import {
  type ClaimedJob,
  type JobFigures,
  type JobsAnswers,
  type JobsRequestTo,
  jobsRequest,
} from '../contract/jobs/store-requests.ts';
import { parseAs } from '../contract/parse-as.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { readStatement } from '../database/statements.ts';

const runStatement = async <Row extends object>(
  client: pg.ClientBase,
  name: string,
  values: unknown[] = [],
): Promise<Row[]> => (await client.query<Row>(readStatement(name), values)).rows;

interface WithId {
  job_id: string;
}

const idsOf = (rows: readonly WithId[]): string[] => rows.map(({ job_id }) => job_id);

const toStored = ({ sync, ...job }: AcceptedJob) => ({ ...job, ...sync });

interface ClaimedRow extends WithId {
  origin: AcceptedJob['origin'];
  source: string;
  delivery_key: string | null;
  tool: string;
  tenant_id: string;
  received_at: Date;
  max_attempts: number;
  direction: string | null;
  entity_type: string | null;
  content_type: string | null;
  payload: Buffer;
  attempt: number;
  replays_call: string | null;
}

const toClaimed = ({ payload, received_at, ...row }: ClaimedRow): ClaimedJob => {
  const { job_id, origin, source, tool, tenant_id, max_attempts, attempt } = row;
  const { delivery_key, direction, entity_type, content_type, replays_call } = row;
  return {
    ...{ job_id, origin, source, tool, tenant_id, max_attempts, attempt },
    received_at: received_at.toISOString(),
    payload: payload.toString('base64'),
    ...(delivery_key !== null && { delivery_key }),
    ...(direction !== null && entity_type !== null && { sync: { direction, entity_type } }),
    ...(content_type !== null && { content_type }),
    ...(replays_call !== null && { replays_call }),
  };
};

const storeJobs = async (client: pg.ClientBase, { jobs }: JobsRequestTo<'store'>): Promise<JobsAnswers['store']> => {
  const stored = idsOf(await runStatement<WithId>(client, 'jobs-store', [JSON.stringify(jobs.map(toStored))]));
  const isStored = new Set(stored);
  return { stored, known: [...new Set(idsOf(jobs))].filter((id) => !isStored.has(id)) };
};

const claimJobs = async (
  client: pg.ClientBase,
  { lease_id, limit, lease_seconds, repeatable, deployed }: JobsRequestTo<'claim'>,
): Promise<JobsAnswers['claim']> => {
  await runStatement(client, 'jobs-release', [repeatable]);
  await runStatement(client, 'jobs-give-up', [deployed]);
  const values = [lease_id, limit, JSON.stringify(lease_seconds)];
  return { jobs: (await runStatement<ClaimedRow>(client, 'jobs-claim', values)).map(toClaimed) };
};

const finishJobs = async (
  client: pg.ClientBase,
  { lease_id, jobs }: JobsRequestTo<'finish'>,
): Promise<JobsAnswers['finish']> => {
  const ends = jobs.map(({ error, ...end }) => ({ ...end, ...error }));
  return { finished: idsOf(await runStatement<WithId>(client, 'jobs-finish', [lease_id, JSON.stringify(ends)])) };
};

const progressJob = async (
  client: pg.ClientBase,
  { lease_id, job_id, percent, message, lease_seconds }: JobsRequestTo<'progress'>,
): Promise<JobsAnswers['progress']> => {
  const values = [lease_id, job_id, percent, message, lease_seconds];
  return { held: (await runStatement(client, 'jobs-progress', values)).length > 0 };
};

const measureJobs = async (client: pg.ClientBase): Promise<JobsAnswers['measure']> => {
  const [figures] = await runStatement<JobFigures>(client, 'jobs-measure');
  if (!figures) throw new Error('jobs-measure returned no row');
  return figures;
};

/**
 * Answers one request, in one transaction. A transaction whose connection is lost is done once more, and each is safe
 * to do twice: what was claimed and is not answered comes to be due again when its lease ends. Throws for what is no
 * request, and when the store does not answer.
 */
export const answerJobsRequest = (database: Database, event: unknown): Promise<JobsAnswers[keyof JobsAnswers]> => {
  const request = parseAs(jobsRequest, event, 'The request');
  return database.run((client) =>
    inTransaction(client, (): Promise<JobsAnswers[keyof JobsAnswers]> => {
      switch (request.do) {
        case 'store':
          return storeJobs(client, request);
        case 'claim':
          return claimJobs(client, request);
        case 'finish':
          return finishJobs(client, request);
        case 'progress':
          return progressJob(client, request);
        case 'measure':
          return measureJobs(client);
      }
    }),
  );
};
