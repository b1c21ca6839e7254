import * as z from 'zod';
import {
  CALLS_OF_A_JOB,
  type JobReport,
  type JobsReport,
  jobId,
  jobsQuery,
  type ListedJob,
} from '../../contract/jobs/reports.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { listQuery, noQuery } from '../../contract/queries.ts';
import { RefusedError } from '../request/errors.ts';
import { cursorTime, pageOf, readCursor } from '../request/page-of-rows.ts';
import { parsePath, parseQuery } from '../request/query.ts';
import { type Reader, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

const cursor = z.tuple([cursorTime, z.guid()]);

type Row = ListedJob & { cursor_at: string; has_payload: boolean };

const toJob = ({ cursor_at, has_payload, ...job }: Row): ListedJob => job;

export const noSuchJob = (id: string) => new RefusedError(404, `There is no job with the id ${id}; see /v1/jobs.`);

const readRow = async (reader: Reader, id: string): Promise<Row> => {
  const [row] = await reader.rows<Row>('jobs', [
    ...['-infinity', 'infinity', 1, null, null, null],
    ...[null, null, null, null, id],
  ]);
  if (!row) throw noSuchJob(id);
  return row;
};

/** The job with this id. Throws a `RefusedError` where the reader sees none. */
export const readJob = async (reader: Reader, id: string): Promise<ListedJob> => toJob(await readRow(reader, id));

/** GET /v1/jobs */
export const getJobs: RouteHandler = async ({ database, tenantOf }, context) => {
  const { status, source, tool, origin, batch_id, from, to, limit, after } = parseQuery(jobsQuery, context.req);
  const [receivedAt = null, id = null] = readCursor(cursor, after) ?? [];
  const rows = await readStore(database, tenantOf(context), (reader) =>
    reader.rows<Row>('jobs', [
      ...[from ?? '-infinity', to ?? 'infinity', limit + 1, receivedAt, id, status ?? null],
      ...[source ?? null, tool ?? null, origin ?? null, batch_id ?? null, null],
    ]),
  );
  const page = pageOf(rows, limit, ({ cursor_at, job_id }) => [cursor_at, job_id]);
  const report: JobsReport = { jobs: page.rows.map(toJob), next: page.next };
  return Response.json(report);
};

/** GET /v1/jobs/{id} */
export const getJob: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(listQuery, context.req);
  const id = parsePath(jobId, 'id', context);
  const report = await readStore(database, tenantOf(context), async (reader): Promise<JobReport> => {
    const row = await readRow(reader, id);
    const calls = await reader.rows<JobReport['calls'][number]>('job-calls', [
      ...[row.job_id, row.received_at, CALLS_OF_A_JOB],
    ]);
    return { job: toJob(row), has_payload: row.has_payload, calls };
  });
  return Response.json(report);
};

/** GET /v1/jobs/{id}/payload. It is never answered as a type that a browser would run. */
export const getPayload: RouteHandler = async ({ database, operatorOnly }, context) => {
  parseQuery(noQuery, context.req);
  const id = parsePath(jobId, 'id', context);
  operatorOnly(context);
  const [row] = await readStore(database, undefined, (reader) =>
    reader.rows<{ payload: Buffer | null; content_type: string | null }>('job-payload', [id]),
  );
  if (!row) throw noSuchJob(id);
  if (row.payload === null) throw new RefusedError(404, `What arrived as the job ${id} was erased.`);
  const text = row.payload.toString();
  const type = parseJson(text) === undefined ? 'text/plain; charset=utf-8' : 'application/json';
  return new Response(text, { headers: { 'content-type': type } });
};
