import { defineCommand } from 'citty';
import { archivedDay } from '../../lambdas/contract/archive.ts';
import { parseAs } from '../../lambdas/contract/parse-as.ts';
import { restoreDay } from '../../operate/restore/restore-day.ts';
import { DEPLOYMENT_OPTIONS, reachFunction, textOption } from './deployment.ts';

const DEFAULT_HOLD_DAYS = 7;
const MAX_HOLD_DAYS = 365;

const parseHold = (text: string): number => {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > MAX_HOLD_DAYS)
    throw new Error(`--hold expects a number of days, 1 to ${MAX_HOLD_DAYS}; got ${text}.`);
  return days;
};

/** `toolwatch restore`. */
export const restore = defineCommand({
  meta: {
    name: 'toolwatch restore',
    description:
      'Brings the calls of an archived day back into the database. They can be read there until the hold is over, and ' +
      'are counted nowhere again. Safe to run twice. Exit code: 0 when the whole day is back, 2 when the arguments are ' +
      'wrong, the day is not archived, or the function fails.',
  },
  args: {
    day: { ...textOption('Which day, in UTC, such as 2026-11-20', 'YYYY-MM-DD'), required: true },
    hold: textOption(`For how many days it stays, ${DEFAULT_HOLD_DAYS} by default`, 'DAYS'),
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ args }) => {
    const day = parseAs(archivedDay, args.day, `--day ${args.day}`);
    const hold_days = args.hold === undefined ? DEFAULT_HOLD_DAYS : parseHold(args.hold);
    const { clients, functionName } = reachFunction(args, 'archive');
    let restored = 0;
    const { rows } = await restoreDay(clients, functionName, { day, hold_days }, (result) => {
      restored += result.restored;
      console.log(`${restored.toLocaleString('en')} of ${result.rows.toLocaleString('en')} calls brought back`);
    });
    console.log(`${day} has its ${rows.toLocaleString('en')} calls again, for ${hold_days} days.`);
  },
});
