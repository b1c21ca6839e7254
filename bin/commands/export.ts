import { extname } from 'node:path';
import { defineCommand } from 'citty';
import { callsReport, MAX_CALLS } from '../../lambdas/contract/api/calls.ts';
import { DAY_MS } from '../../lambdas/contract/durations.ts';
import { parseAs } from '../../lambdas/contract/parse-as.ts';
import { instant } from '../../lambdas/contract/time.ts';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportRequest,
  exportCalls,
} from '../../operate/export/export-calls.ts';
import { formatTime } from '../../operate/terminal/times.ts';
import { askApiOf } from './ask-api.ts';
import { CALL_FILTER_OPTIONS, CALL_FILTERS } from './call-filters.ts';
import { DEPLOYMENT_OPTIONS, identifyDeployment, textOption } from './deployment.ts';
import { writeQuery } from './query.ts';

/** As many days as the longest export has; a store retains 90 by default. */
const MAX_DAYS = 400;

const parseTime = (option: string, text: string): number => Date.parse(parseAs(instant, text, `--${option} ${text}`));

const chooseFormat = (format: string | undefined, file: string): ExportFormat => {
  const named = format ?? extname(file).slice(1);
  const found = EXPORT_FORMATS.find((known) => known === named);
  if (found) return found;
  throw new Error(
    `Write --format ${EXPORT_FORMATS.join(' or ')}, or a file that ends with .${EXPORT_FORMATS.join(' or .')}.`,
  );
};

const readPeriod = ({
  from,
  to,
}: {
  from: string;
  to?: string | undefined;
}): Pick<ExportRequest, 'fromMs' | 'toMs' | 'isToDefault'> => {
  const fromMs = parseTime('from', from);
  const isToDefault = to === undefined;
  const toMs = isToDefault ? Math.floor(Date.now() / DAY_MS) * DAY_MS : parseTime('to', to);
  if (toMs <= fromMs) throw new Error('--from must be before --to, which is the beginning of today (UTC) by default.');
  if (toMs - fromMs > MAX_DAYS * DAY_MS) throw new Error(`Write at most ${MAX_DAYS} days from --from to --to.`);
  return { fromMs, toMs, isToDefault };
};

/** `toolwatch export`. */
export const exportCommand = defineCommand({
  meta: {
    name: 'toolwatch export',
    description:
      'Writes the calls of a time to a file, the newest first, as CSV or as a JSON document a line. Until all are written, ' +
      'they are in a file that ends with .partial; the same command goes on with it. In CSV an apostrophe stands before ' +
      'what a spreadsheet would take for a formula. Exit code: 0 when all are written, 2 when not.',
  },
  args: {
    file: { type: 'positional', required: true, description: 'The file to write, such as calls.csv' },
    from: { type: 'string', required: true, description: 'Calls that began from this time on', valueHint: 'TIME' },
    to: textOption('Calls that began before this time; by default the beginning of today in UTC', 'TIME'),
    format: { type: 'enum', options: [...EXPORT_FORMATS], description: 'By default as the name of the file ends' },
    ...CALL_FILTER_OPTIONS,
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ args }) => {
    const { file } = args;
    const ask = askApiOf(args);
    const question = {
      filter: writeQuery(args, CALL_FILTERS),
      format: chooseFormat(args.format, file),
      ...readPeriod(args),
    };
    const request = { file, deployment: await identifyDeployment(args, 'api'), ...question };
    const total = await exportCalls(
      request,
      (window, after) => {
        const query = writeQuery(args, CALL_FILTERS, {
          ...window,
          limit: String(MAX_CALLS),
          ...(after !== undefined && { after }),
        });
        return ask({ method: 'GET', path: '/v1/calls', query, answer: callsReport });
      },
      ({ calls, until }) => {
        if (process.stderr.isTTY) process.stderr.write(`\r${calls} calls, back to ${formatTime(until)} UTC `);
      },
    );
    if (process.stderr.isTTY) process.stderr.write('\n');
    console.error(`${total} calls are in ${file}.`);
  },
});
