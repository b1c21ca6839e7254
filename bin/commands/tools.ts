import { defineCommand } from 'citty';
import { toolsReport } from '../../lambdas/contract/reports.ts';
import { formatAge } from '../../operate/terminal/times.ts';
import { listTools } from '../../operate/tools/format-tools.ts';
import { formatTable } from '../table.ts';
import { askApiOf } from './ask-api.ts';
import { DEPLOYMENT_OPTIONS } from './deployment.ts';
import { SHOW_OPTIONS, show } from './show.ts';

/** `toolwatch tools`. */
export const tools = defineCommand({
  meta: {
    name: 'toolwatch tools',
    description:
      'Lists the tools that were called in the last 24 hours, the worst first, with their failures and durations. Exit ' +
      'code: 0 when it is done, 2 when it is refused or the deployment cannot be reached.',
  },
  args: {
    name: { type: 'positional', required: false, description: 'Only this tool' },
    ...SHOW_OPTIONS,
    ...DEPLOYMENT_OPTIONS,
  },
  run: ({ args }) => {
    const ask = askApiOf(args);
    return show(args, async () => {
      const report = await ask({ method: 'GET', path: '/v1/tools', answer: toolsReport });
      const found = report.tools.filter(({ tool_name }) => args.name === undefined || tool_name === args.name);
      const none = args.name === undefined ? 'No tool was called' : `${args.name} was not called`;
      const table = found.length > 0 ? formatTable(listTools(found)) : `${none} in the last 24 hours.`;
      const age =
        report.refreshed_at === null
          ? 'There are no figures yet.'
          : `Figures of ${formatAge(report.refreshed_at)} ago.`;
      return { data: { ...report, tools: found }, text: `${table}\n\n${age}` };
    });
  },
});
