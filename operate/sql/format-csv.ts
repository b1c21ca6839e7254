import Papa from 'papaparse';
import type { SqlRows } from '../../lambdas/contract/sql.ts';

/** What a spreadsheet takes for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A text that a spreadsheet shows as it is. */
const escapeFormula = (text: string): string => (FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text);

/**
 * Rows as CSV by RFC 4180, with a header, and with a line feed after each line. NULL is nothing at all, an empty text
 * is two quotes. Values are exactly the database's, unless formulas are to be escaped for a spreadsheet.
 */
export const formatCsv = ({ columns, rows }: SqlRows, { escapesFormulas = false } = {}): string => {
  const toCell = escapesFormulas ? escapeFormula : (text: string) => text;
  const table = [
    columns.map(({ name }) => toCell(name)),
    ...rows.map((row) => row.map((value) => (value === null ? null : toCell(value)))),
  ];
  if (columns.length === 0) return '';
  return `${Papa.unparse(table, { newline: '\n', quotes: (value) => value === '' })}\n`;
};
