import * as z from 'zod';
import { database } from './database.ts';
import { everyFunction } from './every-function.ts';

/** Its database role owns the database. */
export const migrateEnv = z.object({ ...everyFunction, ...database });
export type MigrateEnv = z.infer<typeof migrateEnv>;
