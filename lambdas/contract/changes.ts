import type * as z from 'zod';
import { backtestReport, backtestRequest } from './alert-rules/backtest.ts';
import { changedRule, removedRule } from './alert-rules/reports.ts';
import { alertRuleChange, alertRuleSwitch } from './alert-rules/rule.ts';
import { changedErrorGroup, errorGroupChange } from './error-groups.ts';
import { bulkReplayReport, bulkReplayRequest, bulkReplaySwitch, startedBulkReplay } from './jobs/bulk-replay.ts';
import {
  changedJob,
  changedPause,
  endedPause,
  hastenedJobs,
  jobsRequest,
  reasonOnly,
  reasonRequired,
  requestedJobs,
} from './jobs/changes.ts';
import type { Method } from './request-names.ts';

type ChangingMethod = Exclude<Method, 'GET'>;

/**
 * A request to the api function that is not for reading. All are the operator's; `docs/api.md` is written from this
 * list.
 */
export interface Change {
  readonly summary: string;
  /** The JSON that the request carries; absent where it carries none. */
  readonly body?: z.ZodObject;
  /** The JSON answered with status 200. */
  readonly answer: z.ZodObject;
}

const replayed = {
  summary:
    'Makes a job again, from its beginning, as a new job. Status 409 when it was replayed already, or is not over.',
  body: reasonOnly,
  answer: changedJob,
};
const quarantined = {
  summary: 'Keeps a job back until somebody releases it. Status 409 when it runs, was made, or is held back already.',
  body: reasonRequired,
  answer: changedJob,
};
const hastened = {
  summary: 'Makes all jobs due now that wait for their next attempt. Those for later wait on.',
  body: reasonOnly,
  answer: hastenedJobs,
};
const paused = (what: string): Change => ({
  summary: `Keeps all jobs of ${what} back until somebody ends the pause. Status 409 when they are held back already.`,
  body: reasonRequired,
  answer: changedPause,
});
const goesOn = (what: string): Change => ({
  summary: `Lets the jobs of ${what} go on. Status 409 when nobody keeps them back.`,
  body: reasonOnly,
  answer: endedPause,
});

/** By method and path, in which `:name` is a name and `:id` an id, percent-encoded. */
export const CHANGES = {
  'PUT /v1/alert-rules/:name': {
    summary: 'Makes a rule, or replaces it. A change of what decides when it holds begins its bake period anew.',
    body: alertRuleChange,
    answer: changedRule,
  },
  'PUT /v1/alert-rules/:name/enabled': {
    summary: 'Switches a rule on or off.',
    body: alertRuleSwitch,
    answer: changedRule,
  },
  'DELETE /v1/alert-rules/:name': {
    summary: 'Removes a rule. Status 409 for one that ships with Toolwatch: switch it off.',
    answer: removedRule,
  },
  'POST /v1/alert-rules/backtest': {
    summary: 'When a rule, or an alarm of a tool at another limit, would have been on. It changes nothing.',
    body: backtestRequest,
    answer: backtestReport,
  },
  'PUT /v1/error-groups/:id': {
    summary: 'Says of a group of failures that a version resolves it, mutes it until a time, or opens it again.',
    body: errorGroupChange,
    answer: changedErrorGroup,
  },
  'POST /v1/jobs': {
    summary: 'Has tools called now or later, one or many. Status 422 for a tool that is not deployed.',
    body: jobsRequest,
    answer: requestedJobs,
  },
  'POST /v1/jobs/process-pending': hastened,
  'POST /v1/jobs/:id/replay': replayed,
  'POST /v1/jobs/:id/quarantine': quarantined,
  'POST /v1/jobs/:id/release': {
    summary: 'Lets a job go on that is in quarantine. Status 409 for any other.',
    body: reasonOnly,
    answer: changedJob,
  },
  'PUT /v1/job-pauses/source/:name': paused('a source'),
  'DELETE /v1/job-pauses/source/:name': goesOn('a source'),
  'PUT /v1/job-pauses/tool/:name': paused('a tool'),
  'DELETE /v1/job-pauses/tool/:name': goesOn('a tool'),
  'POST /v1/job-replays': {
    summary: 'Replays all jobs that a filter finds, each at most once and at a rate; or only counts them.',
    body: bulkReplayRequest,
    answer: startedBulkReplay,
  },
  'PUT /v1/job-replays/:id/status': {
    summary:
      'Aborts a bulk replay, whose jobs then wait, or lets it go on at its rate. Status 409 when it stands so already.',
    body: bulkReplaySwitch,
    answer: bulkReplayReport,
  },
  'POST /api/jobs/process-pending': hastened,
  'POST /api/admin/events/:id/replay': replayed,
  'POST /api/admin/events/:id/quarantine': quarantined,
} as const satisfies Readonly<Record<`${ChangingMethod} /${'v1' | 'api'}/${string}`, Change>>;

export type ChangeKey = keyof typeof CHANGES;
