import * as z from 'zod';
import { database } from './database.ts';
import { everyFunction } from './every-function.ts';

export const ingestEnv = z.object({ ...everyFunction, ...database });
export type IngestEnv = z.infer<typeof ingestEnv>;
