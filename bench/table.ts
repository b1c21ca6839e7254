/** One stated limit and how it came out. */
export interface Limit {
  what: string;
  measured: number;
  /** The most (`at most`) or the least (`at least`) it may be. */
  atMost?: number;
  atLeast?: number;
}

const shown = (value: unknown): string =>
  typeof value === 'number' ? value.toLocaleString('en', { maximumSignificantDigits: 4 }) : String(value);

/** Rows as an aligned table; the first row's keys are the headings. Numbers stand to the right. */
export const printTable = (rows: Record<string, string | number>[]): void => {
  const headings = Object.keys(rows[0] ?? {});
  const widths = headings.map((heading) => Math.max(heading.length, ...rows.map((row) => shown(row[heading]).length)));
  const line = (cells: { text: string; right: boolean }[]) =>
    cells
      .map(({ text, right }, at) => (right ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)))
      .join('  ');
  console.log(line(headings.map((heading) => ({ text: heading, right: typeof rows[0]?.[heading] === 'number' }))));
  console.log(widths.map((width) => '-'.repeat(width)).join('  '));
  for (const row of rows) {
    console.log(
      line(headings.map((heading) => ({ text: shown(row[heading]), right: typeof row[heading] === 'number' }))),
    );
  }
};

/** Prints each limit with its verdict. True when all held. */
export const checkLimits = (limits: Limit[]): boolean => {
  console.log('');
  let held = true;
  for (const { what, measured, atMost, atLeast } of limits) {
    const good = (atMost === undefined || measured <= atMost) && (atLeast === undefined || measured >= atLeast);
    held &&= good;
    const bound = atMost === undefined ? `at least ${shown(atLeast)}` : `at most ${shown(atMost)}`;
    console.log(`${good ? 'held  ' : 'MISSED'}  ${what}: ${shown(measured)}, ${bound}`);
  }
  return held;
};
