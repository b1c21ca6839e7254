import { defineCommand } from 'citty';
import { type WeekReport, weekReport } from '../../lambdas/contract/week-report.ts';
import { describeWeek } from '../../lambdas/monitoring/describe-week.ts';
import { askApiOf } from './ask-api.ts';
import { DEPLOYMENT_OPTIONS, type DeploymentArguments } from './deployment.ts';
import { operate } from './operation.ts';

const readWeek = (args: DeploymentArguments, until: string | undefined): Promise<WeekReport> => {
  const query = until === undefined ? '' : new URLSearchParams({ until }).toString();
  return askApiOf(args)({ method: 'GET', path: '/v1/reports/week', query, answer: weekReport });
};

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
    const week = await readWeek(args, args.until);
    const [drill, { mutes }, selfCheck] = await Promise.all([
      operate(args, 'GET /v1/drill', {}),
      operate(args, 'GET /v1/mutes', {}),
      operate(args, 'GET /v1/self-check', {}),
    ]);
    if (args.json) console.log(JSON.stringify({ week, drill, mutes, self_check: selfCheck }));
    else console.log(describeWeek({ week, drill, mutes, selfCheck }).join('\n'));
  },
});
