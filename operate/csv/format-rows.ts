import Papa from 'papaparse';

/** What a spreadsheet takes for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

type Value = string | number | boolean | null;

/** A value that a spreadsheet shows as it is. */
const escapeFormula = (value: Value): Value =>
  typeof value === 'string' && FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;

/**
 * Rows as CSV by RFC 4180, with a line feed after each. NULL is nothing at all, an empty text is two quotes. With
 * `escapesFormulas` an apostrophe stands before each text that a spreadsheet would take for a formula.
 */
export const formatRows = (
  rows: readonly (readonly Value[])[],
  { escapesFormulas }: { readonly escapesFormulas: boolean },
): string => {
  if (rows.length === 0) return '';
  const values = escapesFormulas ? rows.map((row) => row.map(escapeFormula)) : rows;
  return `${Papa.unparse(values as Value[][], { newline: '\n', quotes: (value) => value === '' })}\n`;
};
