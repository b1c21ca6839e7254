import { Logger } from '@aws-lambda-powertools/logger';
import { readVariables, refreshEnv } from '../contract/env.ts';
import { configurationOf } from '../database/configuration.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { type RefreshResult, refresh } from './refresh.ts';

interface Parts {
  database: Database;
  logger: Logger;
}

let parts: Parts | undefined;

const start = (): Parts => {
  const env = readVariables(refreshEnv);
  return {
    database: openDatabase(configurationOf(env)),
    logger: new Logger({ serviceName: env.POWERTOOLS_SERVICE_NAME }),
  };
};

/** Runs on a schedule. Throws when a view could not be refreshed, which sets off the function's error alarm. */
export const handler = async (): Promise<RefreshResult> => {
  parts ??= start();
  const { database, logger } = parts;
  const startedAt = performance.now();
  const result = await refresh(database);

  const { data_age_seconds } = result;
  logger.info('Refreshed', { duration_ms: Math.round(performance.now() - startedAt), data_age_seconds });

  const failed = result.views.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0)
    throw new Error(failed.map(({ view_name, error }) => `${view_name} was not refreshed: ${error}`).join('; '));
  return result;
};
