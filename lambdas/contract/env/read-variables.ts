import type * as z from 'zod';
import { parseAs } from '../parse-as.ts';

/** The variables that `lib` must set for a function with this schema, all as strings: a missing one is a compile error. */
export type Variables<Env> = { [Key in keyof Env]: string };

/**
 * A function's environment variables, by its schema in this folder. Each has a file of its own, because a start creates
 * every schema that it imports. Throws an error that names each variable that is missing or wrong.
 */
export const readVariables = <Schema extends z.ZodType>(
  schema: Schema,
  environment: NodeJS.ProcessEnv = process.env,
): z.output<Schema> => parseAs(schema, environment, 'Environment variables');
