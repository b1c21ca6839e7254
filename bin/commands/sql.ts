import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { defineCommand } from 'citty';
import { parseAs } from '../../lambdas/contract/parse-as.ts';
import { DEFAULT_ROWS, MAX_ROWS, type SqlAnswer, sqlRequest } from '../../lambdas/contract/sql.ts';
import { askFunction } from '../../operate/sql/ask.ts';
import { formatCsv } from '../../operate/sql/format-csv.ts';
import { formatError } from '../../operate/sql/format-error.ts';
import { formatJson } from '../../operate/sql/format-json.ts';
import { formatTable } from '../../operate/sql/format-table.ts';
import { EXIT, messageOf } from '../run-program.ts';
import { DEPLOYMENT_OPTIONS, reachFunction } from './deployment.ts';

const FORMATS = ['table', 'csv', 'json'] as const;
type Format = (typeof FORMATS)[number];

const readStatementFile = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
};

const readStatement = async (written: string | undefined, file: string | undefined): Promise<string> => {
  if (written !== undefined && file !== undefined) throw new Error('Write a statement or --file, not both.');
  if (file !== undefined) return readStatementFile(file);
  if (written !== undefined && written !== '-') return written;
  if (written === undefined && process.stdin.isTTY)
    throw new Error('Write a statement such as "select * from tool_health_summary", or --file.');
  return text(process.stdin);
};

const chooseFormat = (format: string | undefined, json: boolean | undefined): Format => {
  if (json) {
    if (format !== undefined && format !== 'json') throw new Error(`Write --json or --format ${format}, not both.`);
    return 'json';
  }
  return FORMATS.find((known) => known === format) ?? (process.stdout.isTTY ? 'table' : 'csv');
};

const parseLimit = (limit: string): number => {
  const rows = Number(limit);
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS)
    throw new Error(`--limit expects a number of rows, 1 to ${MAX_ROWS}; got ${limit}.`);
  return rows;
};

const formatAnswer = (answer: SqlAnswer, format: Format, escapesFormulas: boolean): string => {
  if (format === 'json') return formatJson(answer);
  if ('error' in answer) return '';
  return format === 'csv' ? formatCsv(answer, { escapesFormulas }) : formatTable(answer);
};

/** `toolwatch sql`. */
export const sql = defineCommand({
  meta: {
    name: 'toolwatch sql',
    description:
      'Runs one statement that reads, as the operator or as one tenant, through the function that the setting sql ' +
      'deploys. Exit code: 0 with an answer, 1 when the database refuses the statement, 2 when the arguments are wrong ' +
      'or the function cannot be invoked.',
  },
  args: {
    statement: {
      type: 'positional',
      required: false,
      description: 'The statement. Without it, or as -, it is read from standard input',
    },
    file: { type: 'string', description: 'Read the statement from a file', valueHint: 'FILE' },
    tenant: { type: 'string', description: "See only this tenant's calls, as the tenant does", valueHint: 'NAME' },
    limit: {
      type: 'string',
      default: String(DEFAULT_ROWS),
      description: `The most rows to answer, up to ${MAX_ROWS}`,
      valueHint: 'N',
    },
    format: {
      type: 'enum',
      options: [...FORMATS],
      description: 'By default a table on a terminal, and CSV elsewhere',
    },
    json: { type: 'boolean', description: 'Print JSON, also of an error' },
    'escape-formulas': {
      type: 'boolean',
      description: 'In CSV, write an apostrophe before what a spreadsheet would take for a formula',
    },
    ...DEPLOYMENT_OPTIONS,
  },
  run: async ({ args }) => {
    if (args._.length > 1)
      throw new Error('Write the statement in quotes, so that the shell passes it as one argument.');
    const format = chooseFormat(args.format, args.json);
    const rows = parseLimit(args.limit);
    const statement = await readStatement(args.statement, args.file);
    const request = parseAs(sqlRequest, { statement, rows, tenant: args.tenant }, 'The arguments');
    const { clients, functionName } = reachFunction(args, 'sql');
    const answer = await askFunction(clients, functionName, request);
    process.stdout.write(formatAnswer(answer, format, args['escape-formulas'] ?? false));
    if ('error' in answer) {
      if (format !== 'json') console.error(formatError(answer.error, statement));
      process.exitCode = EXIT.wrong;
    } else if (answer.left_off !== null && format !== 'json') console.error(answer.left_off);
  },
});
