import { toLine } from '../lambdas/contract/clean-line.ts';
import { createPainter } from '../local/terminal.ts';
import { type Cell, textOf } from '../operate/terminal/cell.ts';
import { measureWidth } from '../operate/terminal/display-width.ts';

/** Colours where standard output is a terminal, unless the person has switched them off. */
const hasColours = (): boolean => process.stdout.isTTY === true && !process.env.NO_COLOR;

/**
 * Aligns the columns of rows; the last column may be of any width. Each value is on one line, without what would control
 * a terminal: callers may have written it.
 */
export const formatTable = (rows: readonly (readonly Cell[])[]): string => {
  const paint = createPainter(hasColours());
  const lines = rows.map((row) => row.map((cell) => toLine(textOf(cell))));
  const widths = lines.reduce<number[]>(
    (widest, row) => row.map((text, column) => Math.max(widest[column] ?? 0, measureWidth(text))),
    [],
  );
  return rows
    .map((row, at) => {
      const texts = lines[at] ?? [];
      const last = texts.findLastIndex((text) => text !== '');
      return row
        .slice(0, last + 1)
        .map((cell, column) => {
          const text = texts[column] ?? '';
          const blanks = column === last ? '' : ' '.repeat((widths[column] ?? 0) - measureWidth(text));
          return `${typeof cell === 'string' ? text : paint(cell.colour, text)}${blanks}`;
        })
        .join('  ');
    })
    .join('\n');
};
