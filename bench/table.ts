/** A stated limit and the value measured for it. */
export interface Limit {
  what: string;
  measured: number;
  /** The largest or the smallest value that meets the limit. */
  atMost?: number;
  atLeast?: number;
}

type Cell = string | number;

const formatCell = (value: Cell | undefined): string =>
  typeof value === 'number' ? value.toLocaleString('en', { maximumSignificantDigits: 4 }) : String(value);

/** Prints rows as an aligned table; the first row's keys are the headings. Numbers are aligned to the right. */
export const printTable = (rows: Record<string, Cell>[]): void => {
  const headings = Object.keys(rows[0] ?? {});
  const columns = headings.map((heading) => {
    const cells = rows.map((row) => formatCell(row[heading]));
    const width = Math.max(heading.length, ...cells.map((cell) => cell.length));
    const isNumeric = typeof rows[0]?.[heading] === 'number';
    const align = (text: string) => (isNumeric ? text.padStart(width) : text.padEnd(width));
    return [align(heading), '-'.repeat(width), ...cells.map(align)];
  });
  for (let line = 0; line < rows.length + 2; line += 1) console.log(columns.map((column) => column[line]).join('  '));
};

const isHeld = ({ measured, atMost, atLeast }: Limit): boolean =>
  (atMost === undefined || measured <= atMost) && (atLeast === undefined || measured >= atLeast);

/** Prints whether each limit held. True when all did. */
export const checkLimits = (limits: Limit[]): boolean => {
  console.log('');
  for (const limit of limits) {
    const { what, measured, atMost, atLeast } = limit;
    const bound = atMost === undefined ? `at least ${formatCell(atLeast)}` : `at most ${formatCell(atMost)}`;
    console.log(`${isHeld(limit) ? 'held  ' : 'MISSED'}  ${what}: ${formatCell(measured)}, ${bound}`);
  }
  return limits.every(isHeld);
};
