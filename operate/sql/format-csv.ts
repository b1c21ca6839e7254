import type { SqlRows } from '../../lambdas/contract/sql.ts';
import { formatRows } from '../../lambdas/csv/format-rows.ts';

/** Rows as CSV with a header. Values are exactly the database's, unless formulas are to be escaped for a spreadsheet. */
export const formatCsv = ({ columns, rows }: SqlRows, { escapesFormulas = false } = {}): string =>
  columns.length === 0 ? '' : formatRows([columns.map(({ name }) => name), ...rows], { escapesFormulas });
