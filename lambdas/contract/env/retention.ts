import * as z from 'zod';
import { database } from './database.ts';
import { everyFunction } from './every-function.ts';

export const retentionEnv = z.object({
  ...everyFunction,
  ...database,
  RETENTION_DAYS: z.coerce.number().int().min(1),
  /** Maximum size of the database's disk; 0 when it is unknown or unlimited. */
  DISK_BYTES: z.coerce.number().int().min(0),
});
export type RetentionEnv = z.infer<typeof retentionEnv>;
