import { defineCommand } from 'citty';
import { alarmsReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import { MAX_ROWS } from '../../lambdas/contract/answer-limits.ts';
import { incidentsReport } from '../../lambdas/contract/api/incidents.ts';
import { type ToolsReport, toolsReport } from '../../lambdas/contract/reports.ts';
import { type FirstPages, readPages } from '../../operate/status/read-pages.ts';
import { type Answered, decideStatus, listStatus, type Status, type StatusParts } from '../../operate/status/status.ts';
import { EXIT, messageOf } from '../run-program.ts';
import { formatTable } from '../table.ts';
import { askFunctionOf } from './ask-api.ts';
import { SETTINGS_OPTIONS, type SettingsArguments } from './deployment.ts';
import { SHOW_OPTIONS, show } from './show.ts';

const EXIT_CODES = { ok: EXIT.ok, broken: EXIT.wrong, unknown: EXIT.usage } as const satisfies Record<
  Status['state'],
  number
>;

const answered = <Value>(asked: Promise<Answered<Value>>): Promise<Answered<Value>> =>
  asked.catch((error: unknown) => ({ why: messageOf(error) }));

const joinPages = <Page, Item>(
  { pages, error }: FirstPages<Page>,
  itemsOf: (page: Page) => readonly Item[],
): Answered<readonly Item[]> => ({
  value: pages.flatMap(itemsOf),
  ...(error !== undefined && { why: messageOf(error) }),
});

const readParts = async (args: SettingsArguments): Promise<StatusParts> => {
  const [api, operate] = [askFunctionOf(args, 'api'), askFunctionOf(args, 'operate')];
  const queryFor = (state: string, after: string | undefined) =>
    new URLSearchParams({ state, limit: String(MAX_ROWS), ...(after !== undefined && { after }) }).toString();
  const readAlarms = (after: string | undefined) =>
    operate({ method: 'GET', path: '/v1/alarms', query: queryFor('firing', after), answer: alarmsReport });
  const readIncidents = (after: string | undefined) =>
    api({ method: 'GET', path: '/v1/incidents', query: queryFor('open', after), answer: incidentsReport });
  const [alarms, tools, incidents] = await Promise.all([
    answered(readPages(readAlarms).then((read) => joinPages(read, (page) => page.alarms))),
    answered(
      api({ method: 'GET', path: '/v1/tools', answer: toolsReport }).then(
        (value): Answered<ToolsReport> => ({ value }),
      ),
    ),
    answered(readPages(readIncidents).then((read) => joinPages(read, (page) => page.incidents))),
  ]);
  return { alarms, tools, incidents };
};

/** `toolwatch status`. */
export const status = defineCommand({
  meta: {
    name: 'toolwatch status',
    description:
      'Says what is broken now: alarms that fire, incidents that are open, tools that fail, and figures that are old. ' +
      'Exit code: 0 when nothing is, 1 when something is, 2 when it cannot tell.',
  },
  args: { ...SHOW_OPTIONS, ...SETTINGS_OPTIONS },
  run: ({ args }) =>
    show(args, async () => {
      const data = decideStatus(await readParts(args));
      const { broken, remarks } = listStatus(data);
      const table = broken.length > 0 ? [formatTable(broken)] : [];
      return { data, text: [...table, remarks.join('\n')].join('\n\n'), exitCode: EXIT_CODES[data.state] };
    }),
});
