import * as z from 'zod';
import { database } from './database.ts';
import { everyFunction } from './every-function.ts';

/** It signs in as `DATABASE_USER` for statements about all tenants' calls. */
export const sqlEnv = z.object({
  ...everyFunction,
  ...database,
  /** The database role of statements about one tenant's calls. */
  DATABASE_TENANT_USER: z.string().min(1),
});
export type SqlEnv = z.infer<typeof sqlEnv>;
