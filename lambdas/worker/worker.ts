import { randomUUID } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import { MINUTE_MS, SECOND_MS } from '../contract/durations.ts';
import type { AskJobs } from '../contract/jobs/ask-jobs.ts';
import type { ClaimedJob, JobFigures, JobsRequestTo } from '../contract/jobs/store-requests.ts';
import { LONE_SURROGATES } from '../contract/limits.ts';
import type { Progress } from '../contract/progress.ts';
import type { CatalogueEntry } from '../invoke/catalogue.ts';
import { GRACE_AFTER_TIMEOUT_MS } from '../invoke/invoke.ts';
import { createUuidV7 } from '../observe/line/uuid.ts';
import { type MadeJob, makeJob, type ToolCaller } from './make-job.ts';
import { retryAfterMs } from './retry-policy.ts';

export interface WorkerParts extends ToolCaller {
  readonly ask: AskJobs;
  readonly catalogue: readonly CatalogueEntry[];
  readonly concurrency: number;
  /** The argument that gets the body, of the sources that have one. */
  readonly argumentOf: Readonly<Record<string, string>>;
  readonly recordJob: (job: ClaimedJob, attemptId: string, made: MadeJob, durationMs: number) => void;
  readonly writeFigures: (figures: JobFigures) => void;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly now: () => number;
  readonly random: () => number;
}

/** What a run of the function is given. */
export interface Run {
  awsRequestId: string;
  remainingMs: () => number;
}

/** After a call: to say what became of it, also when the store does not answer at once. */
const FINISH_MS = 30 * SECOND_MS;
/** The longest that is asked of a run's time, so that the slowest tools are called at its beginning. */
const MAX_NEEDED_MS = 14 * MINUTE_MS + 30 * SECOND_MS;
/** While jobs run: what has come to be due is claimed so soon. */
const POLL_MS = 5 * SECOND_MS;
const PROGRESS_MS = 5 * SECOND_MS;
/** Between attempts to say what became of a job. */
const FINISH_WAITS_MS = [SECOND_MS, 5 * SECOND_MS, 10 * SECOND_MS];
/** Shorter than the schedule's minute, so that each start measures. */
const MEASURE_MS = MINUTE_MS - 5 * SECOND_MS;

const neededMsOf = ({ timeoutSeconds }: CatalogueEntry): number =>
  Math.min(timeoutSeconds * SECOND_MS + GRACE_AFTER_TIMEOUT_MS + FINISH_MS, MAX_NEEDED_MS);

/** Claims due jobs and makes them, as many at once as it may, until none is due or its time is over. */
export class Worker {
  private readonly parts: WorkerParts;
  private readonly tools: ReadonlyMap<string, CatalogueEntry>;
  private readonly repeatable: string[];
  private measuredAt = -Infinity;

  constructor(parts: WorkerParts) {
    this.parts = parts;
    this.tools = new Map(parts.catalogue.map((tool) => [tool.name, tool]));
    this.repeatable = parts.catalogue.filter(({ isRepeatable }) => isRepeatable).map(({ name }) => name);
  }

  /** Rejects when the store did not answer; then what was claimed has been finished as far as it could be. */
  async run(run: Run): Promise<void> {
    const { concurrency, sleep } = this.parts;
    const running = new Set<Promise<void>>();
    let failure: unknown;
    for (let mayClaim = true; ; ) {
      try {
        await this.measure();
        const free = mayClaim ? concurrency - running.size : 0;
        const { lease_id, jobs } = await this.claim(free, run);
        for (const job of jobs) {
          const making = this.make(job, lease_id, run).finally(() => running.delete(making));
          running.add(making);
        }
        if (jobs.length > 0 && running.size < concurrency) continue;
      } catch (error) {
        failure ??= error;
        mayClaim = false;
      }
      if (running.size === 0) break;
      await Promise.race([...running, sleep(POLL_MS)]);
    }
    if (failure !== undefined) throw failure;
  }

  private async measure(): Promise<void> {
    const { ask, writeFigures, now } = this.parts;
    if (now() - this.measuredAt < MEASURE_MS) return;
    writeFigures(await ask({ do: 'measure' }));
    this.measuredAt = now();
  }

  private async claim(free: number, run: Run): Promise<{ lease_id: string; jobs: ClaimedJob[] }> {
    const lease_id = randomUUID();
    const fitting = this.parts.catalogue.filter((tool) => neededMsOf(tool) <= run.remainingMs());
    if (free <= 0 || fitting.length === 0) return { lease_id, jobs: [] };
    const lease_seconds = Object.fromEntries(fitting.map((tool) => [tool.name, leaseSecondsOf(tool)]));
    const { jobs } = await this.parts.ask({
      do: 'claim',
      ...{ lease_id, limit: free, lease_seconds, repeatable: this.repeatable, deployed: [...this.tools.keys()] },
    });
    return { lease_id, jobs };
  }

  private async make(job: ClaimedJob, lease_id: string, run: Run): Promise<void> {
    const { logger, now, recordJob, argumentOf } = this.parts;
    const tool = this.tools.get(job.tool);
    if (!tool) return;
    const attemptId = createUuidV7(now());
    const startedAt = performance.now();
    try {
      const made = await makeJob(this.parts, {
        ...{ job, tool, attemptId, awsRequestId: run.awsRequestId },
        argument: job.origin === 'hook' ? argumentOf[job.source] : undefined,
        maxMs: run.remainingMs() - FINISH_MS,
        onProgress: this.progressReporter(job, tool, lease_id),
      });
      recordJob(job, attemptId, made, performance.now() - startedAt);
      await this.finish(lease_id, this.endOf(job, tool, made));
    } catch (error) {
      // Its lease ends, and then it is due again or in error.
      logger.error('What became of a job could not be said', { job_id: job.job_id, error: error as Error });
    }
  }

  private endOf(job: ClaimedJob, tool: CatalogueEntry, { callId, failure }: MadeJob) {
    const { now, random } = this.parts;
    const end = { job_id: job.job_id, ...(callId !== undefined && { call_id: callId }) };
    if (!failure) return end;
    const waitMs = retryAfterMs(failure, { ...job, isRepeatable: tool.isRepeatable }, random());
    return {
      ...end,
      error: { code: failure.code, message: toStorable(failure.message) },
      ...(waitMs !== undefined && { retry_at: new Date(now() + waitMs).toISOString() }),
    };
  }

  private async finish(lease_id: string, end: JobsRequestTo<'finish'>['jobs'][number]): Promise<void> {
    const { ask, sleep, logger } = this.parts;
    for (const waitMs of [...FINISH_WAITS_MS, undefined]) {
      try {
        const { finished } = await ask({ do: 'finish', lease_id, jobs: [end] });
        if (finished.length === 0) logger.warn('A job was finished after its lease had ended', { job_id: end.job_id });
        return;
      } catch (error) {
        if (waitMs === undefined) throw error;
        await sleep(waitMs);
      }
    }
  }

  /** Passes on how far a job has come, now and then. What is not passed on is lost, and does not fail the job. */
  private progressReporter(job: ClaimedJob, tool: CatalogueEntry, lease_id: string) {
    const { ask, now, logger } = this.parts;
    let reportedAt = -Infinity;
    return async ({ progress, total, message }: Progress): Promise<void> => {
      if (now() - reportedAt < PROGRESS_MS) return;
      reportedAt = now();
      const percent = total !== undefined && total > 0 ? (progress / total) * 100 : undefined;
      const report: JobsRequestTo<'progress'> = {
        do: 'progress',
        ...{ lease_id, job_id: job.job_id, lease_seconds: leaseSecondsOf(tool) },
        ...(percent !== undefined && { percent: Math.min(100, Math.max(0, percent)) }),
        ...(message !== undefined && { message: toStorable(message).slice(0, 500) }),
      };
      await ask(report).catch((error: unknown) => logger.warn('How far a job has come is not known', error as Error));
    };
  }
}

/** As long as the call may take, and a minute to say what became of it. */
const leaseSecondsOf = ({ timeoutSeconds }: CatalogueEntry): number =>
  timeoutSeconds + GRACE_AFTER_TIMEOUT_MS / SECOND_MS + 60;

/** The text without what PostgreSQL does not store. */
const toStorable = (text: string): string => text.slice(0, 4_096).replaceAll('\0', '').replace(LONE_SURROGATES, '?');
