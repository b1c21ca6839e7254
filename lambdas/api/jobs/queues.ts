import { MAX_ROWS } from '../../contract/answer-limits.ts';
import { endsOf } from '../../contract/api/paging.ts';
import {
  type JobSource,
  type OtherQueue,
  type Pause,
  type QueuesReport,
  SYNC_ERRORS_SHOWN,
  type SyncError,
  type SyncHealth,
} from '../../contract/jobs/reports.ts';
import { listQuery } from '../../contract/queries.ts';
import { parseQuery } from '../request/query.ts';
import { readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

const DAY_MINUTES = 24 * 60;

/** GET /v1/queues */
export const getQueues: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(listQuery, context.req);
  const { from, to } = endsOf({ minutes: DAY_MINUTES });
  const report = await readStore(
    database,
    tenantOf(context),
    async (reader): Promise<QueuesReport> => ({
      sources: await reader.rows<JobSource>('job-sources', [MAX_ROWS]),
      pauses: await reader.rows<Pause>('job-pauses', [MAX_ROWS, null, null]),
      queues: await reader.rows<OtherQueue>('job-queues', [MAX_ROWS]),
      syncs: await reader.rows<SyncHealth>('syncs', [MAX_ROWS]),
      sync_errors: await reader.rows<SyncError>('sync-errors', [from, to, SYNC_ERRORS_SHOWN]),
    }),
  );
  return Response.json(report);
};
