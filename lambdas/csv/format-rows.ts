import Papa from 'papaparse';
import type { Cell } from '../contract/columns.ts';

/** What a spreadsheet takes for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A value that a spreadsheet shows as it is. */
const escapeFormula = (value: Cell): Cell =>
  typeof value === 'string' && FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;

interface CsvForm {
  readonly escapesFormulas: boolean;
  /** What ends each row. RFC 4180 has `\r\n`; files of a terminal have the other. */
  readonly newline?: '\n' | '\r\n';
}

/**
 * Rows as CSV by RFC 4180, each with `newline` after it. NULL is nothing at all, an empty text is two quotes. With
 * `escapesFormulas` an apostrophe stands before each text that a spreadsheet would take for a formula.
 */
export const formatRows = (
  rows: readonly (readonly Cell[])[],
  { escapesFormulas, newline = '\n' }: CsvForm,
): string => {
  if (rows.length === 0) return '';
  const values = escapesFormulas ? rows.map((row) => row.map(escapeFormula)) : rows;
  return Papa.unparse(values as Cell[][], { newline, quotes: (value) => value === '' }) + newline;
};
