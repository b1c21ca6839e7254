import * as z from 'zod';
import { everyFunction } from './every-function.ts';
import { database } from './database.ts';

export const ingestEnv = z.object({ ...everyFunction, ...database });
export type IngestEnv = z.infer<typeof ingestEnv>;
