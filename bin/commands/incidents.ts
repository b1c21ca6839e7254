import { defineCommand } from 'citty';
import { incidentReport, incidentsReport } from '../../lambdas/contract/api/incidents.ts';
import { describeIncident, listEvents, listIncidents } from '../../operate/incidents/format-incidents.ts';
import { formatTable } from '../table.ts';
import { type AskApi, askApiOf } from './ask-api.ts';
import { DEPLOYMENT_OPTIONS, textOption } from './deployment.ts';
import { writeQuery } from './query.ts';
import { SHOW_OPTIONS, type Shown, show } from './show.ts';
import { WINDOW, WINDOW_OPTIONS } from './window-options.ts';

const PATH = '/v1/incidents';
const FILTERS = ['state', 'severity', 'tool', 'cause', ...WINDOW] as const;

const showOne = async (ask: AskApi, id: string): Promise<Shown> => {
  const path = `${PATH}/${encodeURIComponent(id)}` as const;
  const data = await ask({ method: 'GET', path, answer: incidentReport });
  const events = listEvents(data);
  return { data, text: [describeIncident(data), ...(events.length > 0 ? [events] : [])].map(formatTable).join('\n\n') };
};

const list = async (ask: AskApi, query: string): Promise<Shown> => {
  const data = await ask({ method: 'GET', path: PATH, query, answer: incidentsReport });
  const table = data.incidents.length > 0 ? formatTable(listIncidents(data.incidents)) : 'There are no such incidents.';
  const more = data.next === null ? [] : [`There are more: add --after ${data.next}.`];
  return { data, text: [table, `Open now: ${data.open}.`, ...more].join('\n\n') };
};

/** `toolwatch incidents`. */
export const incidents = defineCommand({
  meta: {
    name: 'toolwatch incidents',
    description:
      'Lists incidents of the last 30 days that people were notified of, the newest first; with the id of one, what ' +
      'happened around it. Exit code: 0 when it is done, 2 when it is refused or the deployment cannot be reached.',
  },
  args: {
    id: { type: 'positional', required: false, description: 'The id of an incident' },
    state: textOption('Only those that are open, over, quiet or ended', 'STATE'),
    severity: textOption('Only those that were critical or warning', 'SEVERITY'),
    tool: textOption('Only those about this tool', 'NAME'),
    cause: textOption('Only those with this cause, such as provider/shop', 'CAUSE'),
    ...WINDOW_OPTIONS,
    ...SHOW_OPTIONS,
    ...DEPLOYMENT_OPTIONS,
  },
  run: ({ args }) => {
    const ask = askApiOf(args);
    return show(args, () => (args.id === undefined ? list(ask, writeQuery(args, FILTERS)) : showOne(ask, args.id)));
  },
});
