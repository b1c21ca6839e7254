import { defineCommand } from 'citty';
import { jobReport, jobsReport, queuesReport } from '../../lambdas/contract/jobs/reports.ts';
import { describeJob, listAttempts, listJobs, listPauses, listSources } from '../../operate/jobs/format-jobs.ts';
import { formatTable } from '../table.ts';
import { type AskApi, askApiOf } from './ask-api.ts';
import { DEPLOYMENT_OPTIONS, textOption } from './deployment.ts';
import { writeQuery } from './query.ts';
import { SHOW_OPTIONS, type Shown, show } from './show.ts';
import { WINDOW, WINDOW_OPTIONS } from './window-options.ts';

const PATH = '/v1/jobs';
const FILTERS = ['status', 'source', 'tool', 'origin', 'batch_id', ...WINDOW] as const;

const showOne = async (ask: AskApi, id: string): Promise<Shown> => {
  const path = `${PATH}/${encodeURIComponent(id)}` as const;
  const data = await ask({ method: 'GET', path, answer: jobReport });
  const attempts = data.calls.length > 0 ? [listAttempts(data)] : [];
  return { data, text: [describeJob(data.job), ...attempts].map(formatTable).join('\n\n') };
};

const list = async (ask: AskApi, query: string): Promise<Shown> => {
  const data = await ask({ method: 'GET', path: PATH, query, answer: jobsReport });
  const table = data.jobs.length > 0 ? formatTable(listJobs(data.jobs)) : 'There are no such jobs.';
  const more = data.next === null ? [] : [`There are more: add --after ${data.next}.`];
  return { data, text: [table, ...more].join('\n\n') };
};

/** `toolwatch jobs`. */
export const jobs = defineCommand({
  meta: {
    name: 'toolwatch jobs',
    description:
      'Lists jobs, those received last first; with the id of one, the calls that were made for it. Exit code: 0 when it ' +
      'is done, 2 when it is refused or the deployment cannot be reached.',
  },
  args: {
    id: { type: 'positional', required: false, description: 'The id of a job' },
    status: textOption('Only pending, processing, processed, error or quarantined ones', 'STATUS'),
    source: textOption('Only those of this source', 'NAME'),
    tool: textOption('Only calls of this tool', 'NAME'),
    origin: textOption('Only those of a hook, a schedule or a person', 'ORIGIN'),
    'batch-id': textOption('Only those that this bulk replay made', 'ID'),
    ...WINDOW_OPTIONS,
    ...SHOW_OPTIONS,
    ...DEPLOYMENT_OPTIONS,
  },
  run: ({ args }) => {
    const ask = askApiOf(args);
    return show(args, () => (args.id === undefined ? list(ask, writeQuery(args, FILTERS)) : showOne(ask, args.id)));
  },
});

const showQueues = async (ask: AskApi): Promise<Shown> => {
  const data = await ask({ method: 'GET', path: '/v1/queues', answer: queuesReport });
  const sources = data.sources.length > 0 ? formatTable(listSources(data.sources)) : 'No job is known.';
  const pauses = data.pauses.length > 0 ? [formatTable(listPauses(data.pauses))] : [];
  return { data, text: [sources, ...pauses].join('\n\n') };
};

/** `toolwatch queues`. */
export const queues = defineCommand({
  meta: {
    name: 'toolwatch queues',
    description:
      'Shows what waits, runs and fails by the source of jobs, and what is held back; with --json other queues and ' +
      'synchronisations too. Exit code: 0 when it is done, 2 when it is refused or the deployment cannot be reached.',
  },
  args: { ...SHOW_OPTIONS, ...DEPLOYMENT_OPTIONS },
  run: ({ args }) => {
    const ask = askApiOf(args);
    return show(args, () => showQueues(ask));
  },
});
