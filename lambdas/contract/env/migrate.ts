import * as z from 'zod';
import { database } from './database.ts';
import { everyFunction } from './every-function.ts';

/** Its database role owns the database. */
export const migrateEnv = z.object({
  ...everyFunction,
  ...database,
  /** Whether a day is dropped only when it is archived. */
  ARCHIVES: z.enum(['yes', 'no']),
});
export type MigrateEnv = z.infer<typeof migrateEnv>;
