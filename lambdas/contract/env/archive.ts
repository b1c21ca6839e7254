import * as z from 'zod';
import { database } from './database.ts';
import { everyFunction } from './every-function.ts';

export const archiveEnv = z.object({
  ...everyFunction,
  ...database,
  RETENTION_DAYS: z.coerce.number().int().min(1),
  /** The bucket's name. */
  ARCHIVE_BUCKET: z.string().min(1),
});
export type ArchiveEnv = z.infer<typeof archiveEnv>;
