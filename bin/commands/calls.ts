import { defineCommand } from 'citty';
import { callReport, callsReport } from '../../lambdas/contract/api/calls.ts';
import { CALL_HEADER, describeCall, listThread, toCallRow } from '../../operate/calls/format-calls.ts';
import { formatTable } from '../table.ts';
import { type AskApi, askApiOf } from './ask-api.ts';
import { CALL_FILTER_OPTIONS, CALL_FILTERS } from './call-filters.ts';
import { DEPLOYMENT_OPTIONS, textOption } from './deployment.ts';
import { writeQuery } from './query.ts';
import { SHOW_OPTIONS, type Shown, show } from './show.ts';
import { WINDOW, WINDOW_OPTIONS } from './window-options.ts';

const list = async (ask: AskApi, query: string): Promise<Shown> => {
  const data = await ask({ method: 'GET', path: '/v1/calls', query, answer: callsReport });
  const rows = [CALL_HEADER, ...data.calls.map(toCallRow)];
  const table = data.calls.length > 0 ? formatTable(rows) : 'There are no such calls in this time.';
  const more =
    data.next === null ? [] : [`There are more: add --after ${data.next}, or write them all with toolwatch export.`];
  return { data, text: [table, ...more].join('\n\n') };
};

const showOne = async (ask: AskApi, id: string): Promise<Shown> => {
  const path = `/v1/calls/${encodeURIComponent(id)}` as const;
  const data = await ask({ method: 'GET', path, answer: callReport });
  const thread = data.thread.length > 1 ? ['Its thread:', formatTable(listThread(data.thread))] : [];
  return { data, text: [formatTable(describeCall(data)), ...thread].join('\n\n') };
};

/** `toolwatch calls`. */
export const calls = defineCommand({
  meta: {
    name: 'toolwatch calls',
    description:
      'Lists calls of the last hour that fit all options, the newest first; with the id of one, everything that is stored ' +
      'of it and its thread. Exit code: 0 when it is done, 2 when it is refused or the deployment cannot be reached.',
  },
  args: {
    id: { type: 'positional', required: false, description: 'The id of a call' },
    ...CALL_FILTER_OPTIONS,
    minutes: textOption('How many minutes to look back, up to a week', 'N'),
    ...WINDOW_OPTIONS,
    ...SHOW_OPTIONS,
    ...DEPLOYMENT_OPTIONS,
  },
  run: ({ args }) => {
    const ask = askApiOf(args);
    const query = () => writeQuery(args, [...CALL_FILTERS, 'minutes', ...WINDOW]);
    return show(args, () => (args.id === undefined ? list(ask, query()) : showOne(ask, args.id)));
  },
});
