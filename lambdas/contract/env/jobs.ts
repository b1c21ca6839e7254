import * as z from 'zod';
import { database } from './database.ts';
import { everyFunction } from './every-function.ts';

export const jobsEnv = z.object({ ...everyFunction, ...database });
export type JobsEnv = z.infer<typeof jobsEnv>;
