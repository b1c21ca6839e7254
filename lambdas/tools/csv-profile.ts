import * as z from 'zod';
import { defineTool } from '../observe/define-tool.ts';
import { ToolError } from '../observe/failure/tool-error.ts';

const MOST_COLUMNS = 60;
/** Spreadsheets put it before the first column's name. */
const BYTE_ORDER_MARK = /^\ufeff/;

/** RFC 4180: fields may be quoted, and quoted fields may hold commas, line breaks and doubled quotes. */
const rowsOf = (csv: string): string[][] => {
  const rows: string[][] = [];
  let row: string[] = [];
  const fields = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  while (fields.lastIndex < csv.length) {
    const field = fields.exec(csv);
    if (!field) throw new ToolError('INVALID_INPUT', `Row ${rows.length + 1} has a quote out of place.`);
    row.push(field[1]?.replaceAll('""', '"') ?? field[2] ?? '');
    if (field[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push([...row, '']);
  return rows;
};

const typeOf = (values: readonly string[]): 'number' | 'date' | 'boolean' | 'text' | 'empty' => {
  if (values.length === 0) return 'empty';
  if (values.every((value) => value.trim() !== '' && Number.isFinite(Number(value)))) return 'number';
  if (values.every((value) => /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value)))) return 'date';
  return values.every((value) => /^(true|false)$/i.test(value)) ? 'boolean' : 'text';
};

const figuresOf = (values: readonly string[]) => {
  const numbers = values.map(Number);
  const sum = numbers.reduce((total, one) => total + one, 0);
  // Not Math.min(...numbers): a long column would overflow the stack.
  const min = numbers.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);
  const max = numbers.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
  return { min, max, mean: sum / numbers.length };
};

const profile = (name: string, values: readonly string[]) => {
  const present = values.filter((value) => value !== '');
  const type = typeOf(present);
  return {
    name,
    type,
    empty: values.length - present.length,
    distinct: new Set(present).size,
    ...(type === 'number' ? figuresOf(present) : {}),
  };
};

export default defineTool({
  name: 'csv_profile',
  description:
    'Describe a CSV text: rows, and for each column its type, empty and distinct values, least, greatest and mean. Use it before answering questions about a table, instead of reading it row by row.',
  input: z.object({ csv: z.string().min(1).max(2_000_000).describe('The text; its first row names the columns') }),
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
  const [names = [], ...all] = rowsOf(csv.replace(BYTE_ORDER_MARK, ''));
  const rows = names.length > 1 ? all.filter((row) => row.length > 1 || row[0] !== '') : all;
  if (names.length > MOST_COLUMNS) throw new ToolError('INVALID_INPUT', `More than ${MOST_COLUMNS} columns.`);
  const ragged = rows.findIndex((row) => row.length !== names.length);
  if (ragged >= 0) {
    const has = `${rows[ragged]?.length} fields where the first has ${names.length}`;
    throw new ToolError('INVALID_INPUT', `Row ${ragged + 2} has ${has}.`);
  }
  return {
    rows: rows.length,
    columns: names.map((name, column) =>
      profile(
        name,
        rows.map((row) => row[column] ?? ''),
      ),
    ),
  };
});
