import type * as z from 'zod';
import { type Column, columnsOf } from './columns.ts';

/** The list of an answer, as a table. */
export interface ListTable {
  /** The fields that lead to the list in the answer. */
  readonly place: readonly string[];
  readonly columns: readonly Column[];
}

interface ListAnswer {
  readonly list?: string | undefined;
  readonly answer?: z.ZodObject | undefined;
}

/** How the list of an answer is a table; undefined without a list. */
export const listTableOf = ({ list, answer }: ListAnswer): ListTable | undefined => {
  if (list === undefined || answer === undefined) return undefined;
  const place = list.split('.');
  const field = place.reduce<z.ZodType>((schema, name) => (schema as z.ZodObject).shape[name] as z.ZodType, answer);
  return { place, columns: columnsOf((field as z.ZodArray<z.ZodObject>).element) };
};
