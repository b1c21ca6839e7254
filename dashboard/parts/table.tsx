import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** `number` stands at the right; `text` may be long and takes the room that is left. */
  readonly kind?: 'number' | 'text' | undefined;
}

/** The key of a row that several values make; no other values make the same. */
export const joinKey = (...parts: readonly unknown[]): string => JSON.stringify(parts);

interface TableProps<Row> {
  /** What the table is of, for those who do not see it. */
  readonly title: string;
  /** The first is the name of its row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** A class of a row, such as a tone. */
  readonly toneOf?: (row: Row) => string;
}

/** Rows of anything. On a phone each row is a card that shows every column. */
export const Table = <Row,>({ title, columns, rows, keyOf, toneOf }: TableProps<Row>) => (
  <table class="rows" aria-label={title}>
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column.title} scope="col" class={column.kind}>
            {column.title}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <tr key={keyOf(row)} class={toneOf?.(row)}>
          {columns.map(({ title: label, cell, kind }, index) =>
            index === 0 ? (
              <th key={label} scope="row" class={kind}>
                {cell(row)}
              </th>
            ) : (
              <td key={label} data-label={label} class={kind}>
                {cell(row)}
              </td>
            ),
          )}
        </tr>
      ))}
    </tbody>
  </table>
);
