import type { SqlColumn, SqlRows } from '../../lambdas/contract/sql.ts';
import { cutToWidth, measureWidth } from '../terminal/display-width.ts';
import { NUMBER_TYPES } from './number-types.ts';

/** The most columns that a value takes. */
const MAX_WIDTH = 100;

/** A character as an escape sequence of JSON, which writes few of them so itself. */
const escapeCharacter = (character: string): string => {
  const escaped = JSON.stringify(character).slice(1, -1);
  if (escaped !== character) return escaped;
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
};

/** A value on one line. What would control a terminal is written as an escape sequence, as in JSON. */
const formatCell = (value: string | null): string => {
  if (value === null) return 'NULL';
  const printable = value.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, escapeCharacter);
  return cutToWidth(printable, MAX_WIDTH);
};

const align = (cell: string, width: number, { type }: SqlColumn): string => {
  const blanks = ' '.repeat(width - measureWidth(cell));
  return NUMBER_TYPES.has(type) ? blanks + cell : cell + blanks;
};

/** Rows as a table for people: numbers on the right, NULL by name, each value on one line and at most 100 wide. */
export const formatTable = ({ columns, rows }: SqlRows): string => {
  const header = columns.map(({ name }) => formatCell(name));
  const cells = rows.map((row) => row.map(formatCell));
  const widths = cells.reduce(
    (widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, measureWidth(cell))),
    header.map(measureWidth),
  );
  const formatRow = (row: readonly string[]) =>
    columns
      .map((column, at) => align(row[at] ?? '', widths[at] ?? 0, column))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const lines = columns.length === 0 ? [] : [formatRow(header), rule, ...cells.map(formatRow)];
  return [...lines, `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`, ''].join('\n');
};
