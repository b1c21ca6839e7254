import * as z from 'zod';

/** The elements of a list as a table. */

/** A value in a table: what JSON has beside objects and lists. */
export type Cell = string | number | boolean | null;

/** A column: the fields that lead to its values, from the outermost to the innermost. */
export type Column = readonly string[];

const innermost = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable
    ? innermost(schema.unwrap() as z.ZodType)
    : schema;

/** The columns of a table whose rows are such objects: one for each field, and for each field of an object in them. */
export const columnsOf = (element: z.ZodObject, below: Column = []): Column[] =>
  Object.entries<z.ZodType>(element.shape).flatMap(([name, schema]) => {
    const field = innermost(schema);
    const column = [...below, name];
    return field instanceof z.ZodObject ? columnsOf(field, column) : [column];
  });

/** A column's name: its fields with a dot between them. */
export const nameOfColumn = (column: Column): string => column.join('.');

const toCell = (value: unknown): Cell => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === undefined || value === null ? null : JSON.stringify(value);
};

/** A row of the table: lists, and objects whose keys no schema names, are JSON; null is what is not there. */
export const cellsOf = (columns: readonly Column[], row: object): Cell[] =>
  columns.map((column) =>
    toCell(
      column.reduce<unknown>(
        (value, field) => (value === undefined || value === null ? null : (value as Record<string, unknown>)[field]),
        row,
      ),
    ),
  );
