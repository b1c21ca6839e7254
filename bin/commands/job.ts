import { setTimeout as wait } from 'node:timers/promises';
import { defineCommand } from 'citty';
import { CHANGES } from '../../lambdas/contract/changes.ts';
import { type BulkReplay, bulkReplayReport } from '../../lambdas/contract/jobs/bulk-replay.ts';
import { parseJson } from '../../lambdas/contract/parse-json.ts';
import { describeJob, describeProgress, listJobs } from '../../operate/jobs/format-jobs.ts';
import { formatTable } from '../table.ts';
import { type Printed, runAction } from './action.ts';
import { type AskApi, askApiOf } from './ask-api.ts';
import { DEPLOYMENT_OPTIONS, textOption } from './deployment.ts';

const ACTIONS = [
  ...['replay', 'quarantine', 'release', 'call', 'process-pending', 'pause', 'resume'],
  ...['replay-all', 'progress', 'abort', 'go-on'],
] as const;
const WAIT_MS = 5_000;

/** What an action is asked with. */
interface ActionRequest {
  readonly ask: AskApi;
  readonly target: string | undefined;
  readonly status?: string | undefined;
  readonly source?: string | undefined;
  readonly tool?: string | undefined;
  readonly 'error-code'?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly cap?: string | undefined;
  readonly 'per-minute'?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly wait?: boolean | undefined;
  readonly arguments?: string | undefined;
  readonly at?: string | undefined;
  readonly tenant?: string | undefined;
  readonly key?: string | undefined;
  readonly reason?: string | undefined;
}

const targetOf = ({ target }: ActionRequest, usage: string): string => {
  if (target === undefined) throw new Error(`Write what it is for: toolwatch job ${usage}.`);
  return target;
};

const pathOf = (path: `/v1/${string}`, name: string): `/v1/${string}` => `${path}/${encodeURIComponent(name)}`;

const toNumber = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

const change =
  (action: 'replay' | 'quarantine' | 'release') =>
  async (asked: ActionRequest): Promise<Printed> => {
    const { answer } = CHANGES['POST /v1/jobs/:id/replay'];
    const path = `${pathOf('/v1/jobs', targetOf(asked, `${action} JOB`))}/${action}` as const;
    const data = await asked.ask({ method: 'POST', path, body: { reason: asked.reason }, answer });
    return { data, text: formatTable(describeJob(data.job)) };
  };

const call = async (asked: ActionRequest): Promise<Printed> => {
  const given = parseJson(asked.arguments ?? '{}');
  if (given === undefined) throw new Error('--arguments expects a JSON object, such as {"order":"1001"}.');
  const { source, tenant, key, at, reason } = asked;
  const job = { tool: targetOf(asked, 'call TOOL'), arguments: given, source, tenant, key, due_at: at };
  const { answer } = CHANGES['POST /v1/jobs'];
  const data = await asked.ask({ method: 'POST', path: '/v1/jobs', body: { jobs: [job], reason }, answer });
  const [made] = data.jobs;
  return { data, text: made?.is_new ? `Stored as job ${made.job_id}.` : `Known already as job ${made?.job_id}.` };
};

const hasten = async ({ ask, reason }: ActionRequest): Promise<Printed> => {
  const { answer } = CHANGES['POST /v1/jobs/process-pending'];
  const data = await ask({ method: 'POST', path: '/v1/jobs/process-pending', body: { reason }, answer });
  return { data, text: `${data.count} jobs that waited for their next attempt are due now.` };
};

/** Of `source/stripe` or `tool/place_order`, the path of its pause. */
const pausePath = (asked: ActionRequest, action: string): `/v1/${string}` => {
  const [, scope, name] = /^(source|tool)\/(.+)$/s.exec(targetOf(asked, `${action} source/NAME`)) ?? [];
  if (scope === undefined || name === undefined) throw new Error('Write source/NAME or tool/NAME.');
  return pathOf(`/v1/job-pauses/${scope}`, name);
};

const pause = async (asked: ActionRequest): Promise<Printed> => {
  const { answer } = CHANGES['PUT /v1/job-pauses/source/:name'];
  const path = pausePath(asked, 'pause');
  const data = await asked.ask({ method: 'PUT', path, body: { reason: asked.reason }, answer });
  return { data, text: `Jobs of ${asked.target} wait from now on.` };
};

const resume = async (asked: ActionRequest): Promise<Printed> => {
  const { answer } = CHANGES['DELETE /v1/job-pauses/source/:name'];
  const path = pausePath(asked, 'resume');
  const data = await asked.ask({ method: 'DELETE', path, body: { reason: asked.reason }, answer });
  return { data, text: `Jobs of ${asked.target} go on.` };
};

const readProgress = (ask: AskApi, id: string) =>
  ask({ method: 'GET', path: pathOf('/v1/job-replays', id), answer: bulkReplayReport });

/** Says on standard error how far a bulk replay has come, until it is over or somebody aborts it. */
const waitForEnd = async (ask: AskApi, started: BulkReplay): Promise<BulkReplay> => {
  let replay = started;
  while (replay.status === 'running') {
    console.error(describeProgress(replay));
    await wait(WAIT_MS);
    ({ replay } = await readProgress(ask, replay.batch_id));
  }
  return replay;
};

const replayAll = async (asked: ActionRequest): Promise<Printed> => {
  const { ask, status = 'error', source, tool, from, to, cap, reason } = asked;
  const filter = { status, source, tool, error_code: asked['error-code'], from, to };
  const limits = { dry_run: asked['dry-run'] ?? false, cap: toNumber(cap), per_minute: toNumber(asked['per-minute']) };
  const { answer } = CHANGES['POST /v1/job-replays'];
  const data = await ask({ method: 'POST', path: '/v1/job-replays', body: { filter, ...limits, reason }, answer });
  const { matching, replayed_already, erased, jobs, examples } = data;
  const verb = data.replay === null ? 'can be replayed' : 'are replayed';
  const counts =
    `Of ${matching} jobs ${jobs} ${verb}; ${replayed_already} have a replay already, and the payload of ${erased} was ` +
    'erased.';
  if (data.replay === null)
    return { data, text: [counts, ...(examples.length > 0 ? [formatTable(listJobs(examples))] : [])].join('\n\n') };
  const replay = asked.wait ? await waitForEnd(ask, data.replay) : data.replay;
  return { data: { ...data, replay }, text: [counts, describeProgress(replay)].join('\n') };
};

const progress = async (asked: ActionRequest): Promise<Printed> => {
  const data = await readProgress(asked.ask, targetOf(asked, 'progress REPLAY'));
  const replay = asked.wait ? await waitForEnd(asked.ask, data.replay) : data.replay;
  return { data: { replay }, text: describeProgress(replay) };
};

const switchReplay =
  (action: 'abort' | 'go-on', status: 'aborted' | 'running') =>
  async (asked: ActionRequest): Promise<Printed> => {
    const path = `${pathOf('/v1/job-replays', targetOf(asked, `${action} REPLAY`))}/status` as const;
    const body = { status, reason: asked.reason };
    const data = await asked.ask({ method: 'PUT', path, body, answer: bulkReplayReport });
    return { data, text: describeProgress(data.replay) };
  };

const RUN: Readonly<Record<string, (asked: ActionRequest) => Promise<Printed>>> = {
  ...{ replay: change('replay'), quarantine: change('quarantine'), release: change('release') },
  ...{ call, 'process-pending': hasten, pause, resume, 'replay-all': replayAll, progress },
  ...{ abort: switchReplay('abort', 'aborted'), 'go-on': switchReplay('go-on', 'running') },
};

/** `toolwatch job`. */
export const job = defineCommand({
  meta: {
    name: 'toolwatch job',
    description:
      'Does something about jobs: replays, quarantines or releases one, has a tool called now or later, holds a source or ' +
      'a tool back, replays all that a filter finds. Exit code: 0 when it is done, 2 when it is refused or the deployment ' +
      'cannot be reached.',
  },
  args: {
    action: { type: 'positional', required: true, description: `One of ${ACTIONS.join(', ')}` },
    target: {
      type: 'positional',
      required: false,
      description:
        'The id of a job or of a bulk replay; call: the name of a tool; pause, resume: source/NAME or tool/NAME',
    },
    arguments: textOption('call: what the tool is called with, as JSON', 'JSON'),
    at: textOption('call: not before, such as 2026-12-24T09:00:00Z; now by default', 'TIME'),
    key: textOption('call: a job of this source and key is made once', 'TEXT'),
    tenant: textOption('call: whose call it is, where there are tenants', 'NAME'),
    source: textOption('call: what the job is called; replay-all: only those of this source', 'NAME'),
    status: textOption('replay-all: those in error, which is the default, or processed', 'STATUS'),
    tool: textOption('replay-all: only calls of this tool', 'NAME'),
    'error-code': textOption('replay-all: only those that failed with this code', 'CODE'),
    from: textOption('replay-all: only those received since then', 'TIME'),
    to: textOption('replay-all: only those received before then', 'TIME'),
    cap: textOption('replay-all: how many at most', 'N'),
    'per-minute': textOption('replay-all: how many are due in a minute', 'N'),
    'dry-run': { type: 'boolean', description: 'replay-all: only count them, and show the first' },
    wait: { type: 'boolean', description: 'replay-all, progress: say how far it has come until it is over' },
    reason: textOption('Why, for the audit; quarantine, pause and replay-all need one', 'TEXT'),
    json: { type: 'boolean', description: 'Print JSON' },
    ...DEPLOYMENT_OPTIONS,
  },
  run: ({ args }) => runAction(args, RUN, { ...args, ask: askApiOf(args) }),
});
