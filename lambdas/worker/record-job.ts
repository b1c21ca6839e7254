import type { ClaimedJob } from '../contract/jobs/store-requests.ts';
import { NO_TENANT } from '../contract/vocabulary.ts';
import { operationOf } from '../observe/call/operation.ts';
import { emitFromOutside } from '../observe/line/emit-from-outside.ts';
import type { MadeJob } from './make-job.ts';

/**
 * Writes the record of an attempt of a job: of kind `job`, named by its source, or `sync`, named by what it synchronises.
 * It is no metric, because the tool's own line is one: a tool that fails is not counted twice.
 */
export const recordJob = (job: ClaimedJob, attemptId: string, { failure }: MadeJob, durationMs: number): void => {
  const { source, tool, sync, attempt, job_id, tenant_id } = job;
  const kind = sync ? 'sync' : 'job';
  const name = sync ? `${sync.direction}:${sync.entity_type}` : source;
  emitFromOutside(() => operationOf({ kind, name, toolDimension: `${kind}/${name}`, hasMetrics: false }), {
    call: {
      event_id: attemptId,
      correlation_id: job_id,
      ...(tenant_id !== NO_TENANT && { tenant_id }),
    },
    // What the tool said may repeat what it was called with; its own line has it, redacted.
    failure: failure && { ...failure, message: `${tool} failed: ${failure.code}` },
    durationMs,
    metadata: { tool, attempt },
  });
};
