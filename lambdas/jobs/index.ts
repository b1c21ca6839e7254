import { jobsEnv } from '../contract/env/jobs.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import type { JobsAnswers } from '../contract/jobs/store-requests.ts';
import { configurationOf } from '../database/configuration.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { answerJobsRequest } from './jobs.ts';

let database: Database | undefined;

/** Stores, claims and finishes jobs, as `collect` and `worker` ask. Throws when the store does not answer. */
export const handler = async (event: unknown): Promise<JobsAnswers[keyof JobsAnswers]> => {
  database ??= openDatabase(configurationOf(readVariables(jobsEnv)));
  return answerJobsRequest(database, event);
};
