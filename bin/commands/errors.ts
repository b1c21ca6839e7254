import { defineCommand } from 'citty';
import { CHANGES } from '../../lambdas/contract/changes.ts';
import { errorGroupReport, errorGroupsReport } from '../../lambdas/contract/error-groups.ts';
import { describeGroup, listExamples, listGroups } from '../../operate/errors/format-groups.ts';
import { formatTable } from '../table.ts';
import { type Printed, runAction } from './action.ts';
import { type AskApi, askApiOf } from './ask-api.ts';
import { DEPLOYMENT_OPTIONS, textOption } from './deployment.ts';
import { writeQuery } from './query.ts';
import { PAGE_OPTIONS, PAGE_PARAMETERS } from './window-options.ts';

const PATH = '/v1/error-groups';
const ACTIONS = ['list', 'show', 'resolve', 'mute', 'reopen'] as const;
type Action = (typeof ACTIONS)[number];

/** The options by which groups are listed, as the api calls them. */
const FILTERS = ['tool', 'kind', 'provider', 'state', 'fault', 'version', ...PAGE_PARAMETERS] as const;

/** What an action is asked with. */
interface ActionRequest extends Readonly<Record<(typeof FILTERS)[number] | 'until' | 'reason', string | undefined>> {
  readonly ask: AskApi;
  readonly group: string | undefined;
}

const pathOf = ({ group }: ActionRequest, action: Action): `/v1/${string}` => {
  if (group === undefined) throw new Error(`Write the id of a group: toolwatch errors ${action} GROUP.`);
  return `${PATH}/${encodeURIComponent(group)}`;
};

const list = async (asked: ActionRequest): Promise<Printed> => {
  const query = writeQuery({ ...asked }, FILTERS);
  const data = await asked.ask({ method: 'GET', path: PATH, query, answer: errorGroupsReport });
  const more = data.next === null ? [] : [`There are more: add --after ${data.next}.`];
  const table = data.groups.length > 0 ? formatTable(listGroups(data.groups)) : 'There are no such groups of failures.';
  return { data, text: [table, ...more].join('\n\n') };
};

const show = async (asked: ActionRequest): Promise<Printed> => {
  const data = await asked.ask({ method: 'GET', path: pathOf(asked, 'show'), answer: errorGroupReport });
  const examples = data.examples.length > 0 ? [listExamples(data)] : [];
  return { data, text: [describeGroup(data.group), ...examples].map(formatTable).join('\n\n') };
};

const decide =
  (action: Action, state: 'resolved' | 'muted' | 'open') =>
  async (asked: ActionRequest): Promise<Printed> => {
    const { version, until, reason } = asked;
    const { answer } = CHANGES['PUT /v1/error-groups/:id'];
    const body = { state, version, until, reason };
    const data = await asked.ask({ method: 'PUT', path: pathOf(asked, action), body, answer });
    return { data, text: formatTable(describeGroup(data.group)) };
  };

const RUN: Readonly<Record<Action, (asked: ActionRequest) => Promise<Printed>>> = {
  ...{ list, show },
  resolve: decide('resolve', 'resolved'),
  mute: decide('mute', 'muted'),
  reopen: decide('reopen', 'open'),
};

/** `toolwatch errors`. */
export const errors = defineCommand({
  meta: {
    name: 'toolwatch errors',
    description:
      'Lists and shows groups of failures, and says of one that it is resolved, muted or open again. Exit code: 0 when it ' +
      'is done, 2 when it is refused or the deployment cannot be reached.',
  },
  args: {
    action: { type: 'positional', required: true, description: `One of ${ACTIONS.join(', ')}` },
    group: { type: 'positional', required: false, description: 'The id of a group' },
    tool: textOption('list: only groups of this tool', 'NAME'),
    kind: textOption('list: only groups of this kind of calls, such as webhook', 'KIND'),
    provider: textOption('list: only groups of this outside service', 'NAME'),
    state: textOption('list: only new, ongoing, regressed, resolved or muted ones', 'STATE'),
    fault: textOption('list: only those by the fault of caller, dependency, ours or platform', 'FAULT'),
    ...PAGE_OPTIONS,
    version: textOption('list: first or last seen in it; resolve: the version that resolves it', 'NAME'),
    until: textOption('mute: until when, such as 2026-12-24T09:00:00Z', 'TIME'),
    reason: textOption('Why, for the audit; mute needs one', 'TEXT'),
    json: { type: 'boolean', description: 'Print JSON' },
    ...DEPLOYMENT_OPTIONS,
  },
  run: ({ args }) => runAction(args, RUN, { ...args, ask: askApiOf(args) }),
});
