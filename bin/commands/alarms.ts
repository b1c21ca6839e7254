import { defineCommand } from 'citty';
import { alarmsReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import { describeAlarm, describeNone, listAlarms } from '../../operate/alarms/format-alarms.ts';
import { formatTable } from '../table.ts';
import { askFunctionOf } from './ask-api.ts';
import { DEPLOYMENT_OPTIONS, textOption } from './deployment.ts';
import { writeQuery } from './query.ts';
import { SHOW_OPTIONS, show } from './show.ts';
import { PAGE_OPTIONS, PAGE_PARAMETERS } from './window-options.ts';

const FILTERS = ['state', 'severity', 'tool', 'provider', 'name', ...PAGE_PARAMETERS] as const;

/** `toolwatch alarms`. */
export const alarms = defineCommand({
  meta: {
    name: 'toolwatch alarms',
    description:
      'Lists alarms live from CloudWatch, those that fire first; with the name of one, what it means and what to do. ' +
      'Exit code: 0 when it is done, 2 when it is refused or the deployment cannot be reached. See also toolwatch status.',
  },
  args: {
    name: {
      type: 'positional',
      required: false,
      description: 'The name of an alarm, with * for anything but a slash: tool/order_status/failing, "tool/*/slow"',
    },
    state: textOption('Only those that are firing, no_data or ok', 'STATE'),
    severity: textOption('Only those that are critical or warning', 'SEVERITY'),
    tool: textOption('Only those of this tool', 'NAME'),
    provider: textOption('Only those of this outside service', 'NAME'),
    ...PAGE_OPTIONS,
    ...SHOW_OPTIONS,
    ...DEPLOYMENT_OPTIONS,
  },
  run: ({ args }) => {
    const ask = askFunctionOf(args, 'operate');
    return show(args, async () => {
      const query = writeQuery(args, FILTERS);
      const data = await ask({ method: 'GET', path: '/v1/alarms', query, answer: alarmsReport });
      const [only, ...others] = data.alarms;
      if (only === undefined) return { data, text: describeNone(args) };
      const isOne = args.name !== undefined && others.length === 0;
      const more = data.next === null ? [] : [`There are more: add --after "${data.next}".`];
      const table = isOne ? describeAlarm(only) : listAlarms(data.alarms);
      return { data, text: [formatTable(table), ...more].join('\n\n') };
    });
  },
});
