import type { BulkReplay } from '../../lambdas/contract/jobs/bulk-replay.ts';
import type { JobReport, ListedJob, QueuesReport } from '../../lambdas/contract/jobs/reports.ts';
import { type Cell, stateCell } from '../terminal/cell.ts';
import { formatSpan, formatTime } from '../terminal/times.ts';

/** Why a job is where it is, in the words of whoever knows best. */
const explain = ({ status, reason, error_code, error_message, progress }: ListedJob): string => {
  if (status === 'quarantined') return reason ?? '-';
  return [error_code, error_message, progress].filter((part) => part !== null).join(' ') || '-';
};

/** A row for each job, under a header. */
export const listJobs = (jobs: readonly ListedJob[]): Cell[][] => [
  ['job', 'status', 'source', 'tool', 'received (UTC)', 'attempts', 'why'],
  ...jobs.map((job) => [
    ...[job.job_id, stateCell(job.status), job.source, job.tool, formatTime(job.received_at)],
    ...[`${job.attempts} of ${job.max_attempts}`, explain(job)],
  ]),
];

/** What is to be known of one job, a row for each thing. */
export const describeJob = (job: ListedJob): Cell[][] => {
  const rows: [string, Cell | null][] = [
    ['job', job.job_id],
    ['status', stateCell(job.status)],
    ['tool', job.tool],
    ['source', `${job.origin} ${job.source}`],
    ['key', job.delivery_key],
    ['tenant', job.tenant_id],
    ['received', `${formatTime(job.received_at)} UTC`],
    ['due', job.status === 'pending' ? `${formatTime(job.due_at)} UTC` : null],
    ['attempts', `${job.attempts} of ${job.max_attempts}`],
    ['ended', job.processed_at && `${formatTime(job.processed_at)} UTC`],
    ['synchronises', job.direction && `${job.direction} ${job.entity_type}`],
    ['why', explain(job)],
    ['repeats', job.replay_of],
    ['repeated by', job.replayed_by],
    ['bulk replay', job.batch_id],
    ['payload', `${job.payload_bytes} bytes`],
  ];
  return rows.flatMap(([title, value]) => (value === null ? [] : [[title, value]]));
};

/** The calls that were made for a job, under a header. */
export const listAttempts = ({ calls }: Pick<JobReport, 'calls'>): Cell[][] => [
  ['call', 'began (UTC)', 'name', 'duration', 'outcome'],
  ...calls.map(({ event_id, started_at, name, duration_ms, success, error_code, error_message }) => [
    ...[event_id, formatTime(started_at), name, `${Math.round(duration_ms)} ms`],
    success ? 'succeeded' : `${error_code} ${error_message ?? ''}`,
  ]),
];

/** A row for each source of jobs, under a header. */
export const listSources = (sources: QueuesReport['sources']): Cell[][] => [
  ['source', 'due or running', 'oldest waits', 'held back', 'later', 'failed', 'quarantined', 'made in 24 h', 'takes'],
  ...sources.map((source) => [
    source.source,
    String(source.depth),
    source.oldest_seconds === 0 ? '-' : formatSpan(source.oldest_seconds),
    ...[source.held, source.later, source.failed, source.quarantined, source.processed].map(String),
    source.processing_ms === null ? '-' : `${Math.round(source.processing_ms)} ms`,
  ]),
];

/** What somebody holds back, under a header. */
export const listPauses = (pauses: QueuesReport['pauses']): Cell[][] => [
  ['held back', 'since (UTC)', 'by', 'why'],
  ...pauses.map(({ scope, name, reason, paused_by, paused_at }) => [
    ...[`${scope} ${name}`, formatTime(paused_at), paused_by, reason],
  ]),
];

/** How far a bulk replay has come, in a line. */
export const describeProgress = ({ batch_id, status, jobs, by_status, ends_at }: BulkReplay): string =>
  `Bulk replay ${batch_id} is ${status}: of ${jobs} jobs ${by_status.processed} were made, ${by_status.error} failed, ` +
  `${by_status.pending} wait${ends_at === null ? '' : ` until ${formatTime(ends_at)} UTC`}.`;
