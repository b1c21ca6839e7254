import { setTimeout as wait } from 'node:timers/promises';
import { defineCommand } from 'citty';
import { MAX_ROWS } from '../../lambdas/contract/answer-limits.ts';
import { type Call, callsReport } from '../../lambdas/contract/api/calls.ts';
import { MINUTE_MS } from '../../lambdas/contract/durations.ts';
import { CallFollower } from '../../operate/calls/follow-calls.ts';
import { toCallRow } from '../../operate/calls/format-calls.ts';
import { messageOf } from '../run-program.ts';
import { formatTable } from '../table.ts';
import { askApiOf } from './ask-api.ts';
import { CALL_FILTER_OPTIONS, CALL_FILTERS } from './call-filters.ts';
import { DEPLOYMENT_OPTIONS, textOption } from './deployment.ts';
import { writeQuery } from './query.ts';

const WAIT_MS = 2_000;
/** After so many reads in a row that fail, it ends: whoever reads what it prints must not take silence for calm. */
const MAX_FAILURES = 30;

const parseCount = (option: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new Error(`--${option} expects a number; got ${text}.`);
};

const print = (calls: readonly Call[], json: boolean | undefined): void => {
  if (calls.length === 0) return;
  if (json) for (const call of calls) console.log(JSON.stringify(call));
  else console.log(formatTable(calls.map(toCallRow)));
};

/** `toolwatch tail`. */
export const tail = defineCommand({
  meta: {
    name: 'toolwatch tail',
    description:
      'Prints calls as they reach the store, until Ctrl-C: toolwatch tail --failures --tool order_status. One that ' +
      'began more than five minutes, or a thousand calls, before those already printed may be missing. Exit code: 0 ' +
      'after --count calls, 2 when it is refused or the deployment cannot be reached.',
  },
  args: {
    ...CALL_FILTER_OPTIONS,
    failures: { type: 'boolean', description: 'Only calls that failed' },
    since: { ...textOption('Begin so many minutes ago', 'MINUTES'), default: '0' },
    count: textOption('End after so many calls', 'N'),
    json: { type: 'boolean', description: 'Print a JSON document a line' },
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ args }) => {
    const ask = askApiOf(args);
    const count = parseCount('count', args.count) ?? Number.POSITIVE_INFINITY;
    const start = Date.now() - (parseCount('since', args.since) ?? 0) * MINUTE_MS;
    const only: Record<string, string> = args.failures ? { success: 'false' } : {};
    const follower = new CallFollower(async (from, after) => {
      const page = { ...only, limit: String(MAX_ROWS), from, ...(after !== undefined && { after }) };
      const query = writeQuery(args, CALL_FILTERS, page);
      return ask({ method: 'GET', path: '/v1/calls', query, answer: callsReport });
    }, start);
    let printed = 0;
    let failures = 0;
    let isFirst = true;
    while (printed < count) {
      try {
        const { calls, isPart } = await follower.read();
        print(calls.slice(0, count - printed), args.json);
        printed += calls.length;
        failures = 0;
        if (isPart) console.error('There are more calls than can be followed, and some are left out; use a filter.');
      } catch (error) {
        failures += 1;
        if (isFirst || failures > MAX_FAILURES) throw error;
        console.error(messageOf(error));
      }
      isFirst = false;
      if (printed < count) await wait(WAIT_MS);
    }
  },
});
