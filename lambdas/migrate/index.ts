import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { migrateEnv } from '../contract/env.ts';
import { type ToolThresholds, toolThresholds } from '../contract/thresholds.ts';
import { configurationOf } from '../database/configuration.ts';
import { openDatabase } from '../database/database.ts';
import { type MigrateResult, migrate } from './migrate.ts';

/** The thresholds of this deployment's tools, from `tools.json` beside the bundle. */
const readThresholds = (): { thresholds?: ToolThresholds[] } => {
  const file = new URL('./tools.json', import.meta.url);
  return existsSync(file) ? { thresholds: z.array(toolThresholds).parse(JSON.parse(readFileSync(file, 'utf8'))) } : {};
};

/** Runs in each deployment, before the functions that need the new schema. An error fails the deployment. */
export const handler = async (): Promise<MigrateResult> => {
  const env = migrateEnv.parse(process.env);
  const deployment = { version: env.TOOLWATCH_VERSION, environment: env.TOOLWATCH_ENVIRONMENT };
  const database = openDatabase(configurationOf(env));
  try {
    return await database.run((client) => migrate(client, { ...readThresholds(), deployment }));
  } finally {
    await database.close();
  }
};
