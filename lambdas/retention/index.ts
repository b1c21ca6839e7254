import { retentionEnv } from '../contract/env.ts';
import { configurationOf } from '../database/configuration.ts';
import { openDatabase } from '../database/database.ts';
import { type Retained, retain } from './retention.ts';

/** Runs once a day. */
export const handler = async (): Promise<Retained> => {
  const env = retentionEnv.parse(process.env);
  const database = openDatabase(configurationOf(env));
  try {
    return await retain(database, env.RETENTION_DAYS);
  } finally {
    await database.close();
  }
};
