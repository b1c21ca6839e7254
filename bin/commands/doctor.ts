import { defineCommand } from 'citty';
import type { Examined } from '../../operate/doctor/doctor.ts';
import { type Cell, stateCell } from '../../operate/terminal/cell.ts';
import { EXIT } from '../run-program.ts';
import { formatTable } from '../table.ts';
import { SETTINGS_OPTIONS } from './deployment.ts';

/** The package has what runs, and not the sources that a deployment is compared with. */
const loadDoctor = async () => {
  try {
    return await import('../doctor/run-doctor.ts');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const message =
      'The doctor compares a deployment with its sources: run it in the repository that it is deployed from.';
    throw new Error(message, { cause: error });
  }
};

const listFindings = ({ findings, unanswered }: Examined): Cell[][] => [
  ...findings.flatMap(({ title, what, remedy }): Cell[][] => [
    [{ text: 'missing', colour: 'red' }, `${title}: ${what}`],
    ['', remedy],
  ]),
  ...unanswered.map(({ title, why }): Cell[] => [{ text: 'unchecked', colour: 'yellow' }, `${title}: ${why}`]),
];

/** `toolwatch doctor`. */
export const doctor = defineCommand({
  meta: {
    name: 'toolwatch doctor',
    description:
      'Checks a deployment for what is missing or off: alarms, the metrics that they read and their actions, schedules, ' +
      "subscriptions, recipients, mutes, the notifier, the log of calls, the functions' log levels, payloads that could " +
      "not be stored, the store's indexes, partitions and freshness. Changes nothing. Exit code: 0 when nothing is " +
      'missing, 1 when something is, 2 when a check failed.',
  },
  args: { json: { type: 'boolean', description: 'Print JSON' }, ...SETTINGS_OPTIONS },
  run: async ({ args }) => {
    const { runDoctor } = await loadDoctor();
    const result = await runDoctor(args, (title) => {
      if (process.stderr.isTTY) process.stderr.write(`checking ${title} …\n`);
    });
    const { findings, unanswered } = result;
    if (args.json) console.log(JSON.stringify(result));
    else {
      const isWell = findings.length + unanswered.length === 0;
      console.log(isWell ? formatTable([[stateCell('ok'), 'Nothing is missing.']]) : formatTable(listFindings(result)));
    }
    if (findings.length > 0) process.exitCode = EXIT.wrong;
    if (unanswered.length > 0) process.exitCode = EXIT.usage;
  },
});
