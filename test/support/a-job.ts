import type { AcceptedJob } from '../../lambdas/contract/jobs/job.ts';
import { createUuidV7 } from '../../lambdas/observe/line/uuid.ts';
import type { TestDatabase } from './database.ts';

/** A row of `ops.jobs`, as far as tests state it. */
interface JobRow extends Omit<AcceptedJob, 'payload' | 'sync' | 'due_at' | 'delivery_key' | 'content_type'> {
  status: string;
  due_at: string;
  attempts: number;
  delivery_key?: string;
  lease_id?: string;
  leased_until?: string;
  processed_at?: string;
  error_code?: string;
  error_message?: string;
  reason?: string;
  content_type?: string;
  payload: string | null;
}

const REQUIRED: Readonly<Record<string, Partial<JobRow>>> = {
  processing: { lease_id: createUuidV7(Date.now()), leased_until: new Date(Date.now() + 60_000).toISOString() },
  processed: { processed_at: new Date().toISOString() },
  error: { processed_at: new Date().toISOString(), error_code: 'UPSTREAM_ERROR', error_message: 'answered 503' },
  quarantined: { reason: 'looks wrong' },
};

/** A job that a hook brought just now, with what its status needs. */
export const aJob = (given: Partial<JobRow> = {}): JobRow => {
  const now = new Date().toISOString();
  return {
    ...{ job_id: createUuidV7(Date.now()), origin: 'hook', source: 'stripe', tool: 'place_order', tenant_id: 'acme' },
    ...{ status: 'pending', received_at: now, due_at: now, attempts: 0, max_attempts: 8, payload: '{"a":1}' },
    ...REQUIRED[given.status ?? ''],
    ...given,
  };
};

/** Stores jobs as nobody in the product may: in any state. */
export const storeJobs = (db: TestDatabase, ...jobs: JobRow[]): Promise<unknown> =>
  db.rows(
    `insert into ops.jobs (
       job_id, origin, source, delivery_key, tool, tenant_id, status, received_at, due_at, attempts, max_attempts,
       lease_id, leased_until, processed_at, error_code, error_message, reason, content_type, payload, payload_bytes)
     select
       job_id, origin, source, delivery_key, tool, tenant_id, status, received_at, due_at, attempts, max_attempts,
       lease_id, leased_until, processed_at, error_code, error_message, reason, content_type,
       convert_to(payload, 'UTF8'), coalesce(octet_length(payload), 0)
     from jsonb_to_recordset($1::jsonb) as job (
       job_id uuid, origin text, source text, delivery_key text, tool text, tenant_id text, status text,
       received_at timestamptz, due_at timestamptz, attempts integer, max_attempts integer, lease_id uuid,
       leased_until timestamptz, processed_at timestamptz, error_code text, error_message text, reason text,
       content_type text, payload text)`,
    [JSON.stringify(jobs)],
  );
