import Papa from 'papaparse';
import * as z from 'zod';
import { defineTool } from '../observe/define-tool.ts';
import { ToolError } from '../observe/failure/tool-error.ts';

const MAX_COLUMNS = 60;

/** The rows of a CSV text (RFC 4180). Throws for a quote that does not enclose a whole field. */
const parseRows = (csv: string): string[][] => {
  // papaparse expects the same line break everywhere, and would read one at the end as a further row.
  const text = csv.replaceAll('\r\n', '\n').replace(/\n$/, '');
  const { data, errors } = Papa.parse<string[]>(text, { delimiter: ',', newline: '\n' });
  const [error] = errors;
  if (error) {
    const advice = 'Enclose the whole field in quotes, and double each quote inside it.';
    throw new ToolError('INVALID_INPUT', `Row ${(error.row ?? 0) + 1} has a misplaced quote. ${advice}`);
  }
  return data;
};

const typeOf = (values: readonly string[]): 'number' | 'date' | 'boolean' | 'text' | 'empty' => {
  if (values.length === 0) return 'empty';
  if (values.every((value) => value.trim() !== '' && Number.isFinite(Number(value)))) return 'number';
  if (values.every((value) => /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value)))) return 'date';
  return values.every((value) => /^(true|false)$/i.test(value)) ? 'boolean' : 'text';
};

const summarizeNumbers = (values: readonly string[]) => {
  const numbers = values.map(Number);
  const sum = numbers.reduce((total, number) => total + number, 0);
  // Not Math.min(...numbers): a long column would overflow the stack.
  const min = numbers.reduce((lowest, number) => Math.min(lowest, number), Number.POSITIVE_INFINITY);
  const max = numbers.reduce((highest, number) => Math.max(highest, number), Number.NEGATIVE_INFINITY);
  return { min, max, mean: sum / numbers.length };
};

const profileColumn = (name: string, values: readonly string[]) => {
  const present = values.filter((value) => value !== '');
  const type = typeOf(present);
  return {
    name,
    type,
    empty: values.length - present.length,
    distinct: new Set(present).size,
    ...(type === 'number' ? summarizeNumbers(present) : {}),
  };
};

export default defineTool({
  name: 'csv_profile',
  description:
    'Profile a CSV text: the number of rows, and for each column its type, the number of empty and distinct ' +
    'values, minimum, maximum and mean. Use it before you answer questions about a table, instead of reading it ' +
    'row by row.',
  input: z.object({
    csv: z.string().min(1).max(2_000_000).describe('The CSV text; its first row has the column names'),
  }),
  output: z.object({
    rows: z.int(),
    columns: z.array(
      z.object({
        name: z.string(),
        type: z.enum(['number', 'date', 'boolean', 'text', 'empty']),
        empty: z.int(),
        distinct: z.int(),
        min: z.number().optional(),
        max: z.number().optional(),
        mean: z.number().optional(),
      }),
    ),
  }),
  readOnly: true,
  timeoutSeconds: 10,
  memoryMb: 512,
  alarms: { p95Ms: 1_500, errorRate: 0.02 },
}).run(({ csv }) => {
  const [names = [], ...allRows] = parseRows(csv);
  if (names.length > MAX_COLUMNS) {
    throw new ToolError('INVALID_INPUT', `The text has ${names.length} columns. Send at most ${MAX_COLUMNS}.`);
  }
  const isEmptyLine = (row: string[]) => names.length > 1 && row.length === 1 && row[0] === '';
  const rows = allRows.filter((row) => !isEmptyLine(row));
  const unequalIndex = rows.findIndex((row) => row.length !== names.length);
  if (unequalIndex >= 0) {
    const fields = rows[unequalIndex]?.length;
    throw new ToolError(
      'INVALID_INPUT',
      `Row ${unequalIndex + 2} has ${fields} fields, but the first row has ${names.length}.`,
    );
  }
  return {
    rows: rows.length,
    columns: names.map((name, column) =>
      profileColumn(
        name,
        rows.map((row) => row[column] ?? ''),
      ),
    ),
  };
});
