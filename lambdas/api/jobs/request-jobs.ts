import type * as z from 'zod';
import { type AskedJob, jobsRequest, type requestedJobs } from '../../contract/jobs/changes.ts';
import { EVERY_TENANT, NO_TENANT } from '../../contract/vocabulary.ts';
import type { Database } from '../../database/database.ts';
import { createUuidV7 } from '../../observe/line/uuid.ts';
import { parseBody } from '../changes/body.ts';
import type { ChangeHandler } from '../changes/change-handler.ts';
import { type Writer, writeStore } from '../changes/write-store.ts';
import { RefusedError } from '../request/errors.ts';
import { InvalidParametersError } from '../request/query.ts';
import { readStore } from '../request/reader.ts';
import { attemptsOf } from './refusals.ts';

/** How many ids the audit names; of the others it has the number. */
const IDS_IN_AUDIT = 20;

const refuseUnknownTools = async (database: Database, jobs: readonly AskedJob[]): Promise<void> => {
  const deployed = await readStore(database, undefined, (reader) => reader.rows<{ name: string }>('deployed-tools'));
  const known = new Set(deployed.map(({ name }) => name));
  const unknown = [...new Set(jobs.map(({ tool }) => tool))].filter((tool) => !known.has(tool));
  if (unknown.length === 0) return;
  const which = known.size > 0 ? `the tools are ${[...known].join(', ')}` : 'no tool is deployed';
  throw new RefusedError(422, `Field jobs: no tool is called ${unknown.join(', ')}; ${which}.`);
};

const refuseTenants = (jobs: readonly AskedJob[], hasTenants: boolean): void => {
  const named = jobs.findIndex(({ tenant }) => tenant !== undefined && (!hasTenants || tenant === EVERY_TENANT));
  if (named === -1) return;
  const field = `jobs.${named}.tenant`;
  const why = hasTenants ? 'it is no tenant' : 'this deployment has no tenants; leave it out';
  throw new InvalidParametersError(`Field ${field}: ${why}.`, [field]);
};

type Stored = AskedJob & { job_id: string };

/** The ids under which jobs are known by their source and key. */
const readKnown = async (writer: Writer, jobs: readonly Stored[]): Promise<Map<string, string>> => {
  const keyed = jobs.filter(({ key }) => key !== undefined);
  const rows = await writer.rows<{ job_id: string; source: string; delivery_key: string }>('jobs-by-key', [
    ...[keyed.map(({ source }) => source), keyed.map(({ key }) => key)],
  ]);
  return new Map(rows.map(({ job_id, source, delivery_key }) => [`${source}\n${delivery_key}`, job_id]));
};

const toRow = (
  { job_id, source, key, tool, tenant, due_at, sync, ...job }: Stored,
  place: number,
  attempts: number,
) => ({
  ...{ place, job_id, source, delivery_key: key, tool, tenant_id: tenant ?? NO_TENANT, due_at },
  ...{ max_attempts: attempts, direction: sync?.direction, entity_type: sync?.entity_type },
  payload: JSON.stringify(job.arguments),
});

/** POST /v1/jobs */
export const requestJobs: ChangeHandler = async (parts, context, actor) => {
  const { database, editor, hasTenants } = parts;
  const { jobs, reason } = parseBody(jobsRequest, context.event.received);
  refuseTenants(jobs, hasTenants);
  const now = Date.now();
  const asked: Stored[] = jobs.map((job) => ({ ...job, job_id: createUuidV7(now) }));
  const attempt = { ...actor, action: 'jobs.requested', target: 'jobs', reason };
  const answer = await writeStore(editor, attempt, async (writer) => {
    const attempts = attemptsOf(parts);
    await refuseUnknownTools(database, asked);
    const rows = asked.map((job, place) => toRow(job, place, attempts));
    const stored = new Set(
      (await writer.rows<{ job_id: string }>('store-jobs', [JSON.stringify(rows)])).map(({ job_id }) => job_id),
    );
    const known = await readKnown(writer, asked);
    const made: z.output<typeof requestedJobs> = {
      stored: stored.size,
      jobs: asked.map(({ job_id, tool, source, key = null }) => ({
        job_id: stored.has(job_id) ? job_id : (known.get(`${source}\n${key}`) ?? job_id),
        ...{ tool, key, is_new: stored.has(job_id) },
      })),
    };
    const tools = Object.fromEntries(
      [...new Set(asked.map(({ tool }) => tool))].map((name) => [
        name,
        asked.filter(({ tool }) => tool === name).length,
      ]),
    );
    const change = {
      stored: stored.size,
      known: asked.length - stored.size,
      tools,
      job_ids: [...stored].slice(0, IDS_IN_AUDIT),
    };
    return { answer: made, change };
  });
  return Response.json(answer);
};
