import * as z from 'zod';
import { everyFunction } from './every-function.ts';
import { database } from './database.ts';

/** Its database role owns the database. */
export const migrateEnv = z.object({ ...everyFunction, ...database });
export type MigrateEnv = z.infer<typeof migrateEnv>;
