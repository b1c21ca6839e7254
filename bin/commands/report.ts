import { defineCommand } from 'citty';
import { describeWeek } from '../../lambdas/monitoring/describe-week.ts';
import { type AskAsOperator, readWeek } from '../../lambdas/monitoring/read-week.ts';
import { askFunctionOf } from './ask-api.ts';
import { DEPLOYMENT_OPTIONS, type DeploymentArguments } from './deployment.ts';

const askAsOperator =
  (args: DeploymentArguments, part: 'api' | 'operate'): AskAsOperator =>
  ({ path, query, answer }) =>
    askFunctionOf(args, part)({ method: 'GET', path, query: new URLSearchParams(query).toString(), answer });

/** `toolwatch report`. */
export const report = defineCommand({
  meta: {
    name: 'toolwatch report',
    description:
      'Sums up a week: the best and the worst tools, the incidents and how many ended by themselves, cost, mutes, what ' +
      'of the monitoring was off at the last self-check, and the last drill. Exit code: 0 with a report, 2 without.',
  },
  args: {
    until: {
      type: 'string',
      description: 'The seven days before the day of this time, in UTC; by default those before today',
      valueHint: 'TIME',
    },
    json: { type: 'boolean', description: 'Print JSON' },
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ args }) => {
    const functions = { api: askAsOperator(args, 'api'), operate: askAsOperator(args, 'operate') };
    const read = await readWeek(functions, args.until);
    const { week, drill, mutes, selfCheck } = read;
    const { title, lines } = describeWeek(read);
    if (args.json) console.log(JSON.stringify({ week, drill, mutes, self_check: selfCheck }));
    else console.log([title, ...lines].join('\n'));
  },
});
