import * as z from 'zod';
import { parseJson } from '../parse-json.ts';

/** A value of this schema, written as JSON. */
export const json = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .string()
    .transform((text, context): unknown => {
      const value = parseJson(text);
      if (value === undefined) context.addIssue('it is not JSON');
      return value;
    })
    .pipe(schema);

/** Words separated by spaces. */
export const words = z
  .string()
  .default('')
  .transform((list) => list.split(' ').filter(Boolean));
