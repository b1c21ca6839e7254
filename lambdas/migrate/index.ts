import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { migrateEnv } from '../contract/env.ts';
import { type ToolThresholds, toolThresholds } from '../contract/thresholds.ts';
import { configurationOf } from '../database/configuration.ts';
import { openDatabase } from '../database/database.ts';
import { type MigrateResult, migrate } from './migrate.ts';

/** `tools.json` stands beside the bundle: the thresholds of this deployment's tools. */
const deployedThresholds = (): { thresholds?: ToolThresholds[] } => {
  const file = new URL('./tools.json', import.meta.url);
  return existsSync(file) ? { thresholds: z.array(toolThresholds).parse(JSON.parse(readFileSync(file, 'utf8'))) } : {};
};

/** Runs on each deployment, before the functions that need the new schema. Throws, and so fails the deployment, when it cannot. */
export const handler = async (): Promise<MigrateResult> => {
  const env = migrateEnv.parse(process.env);
  const deployment = { version: env.TOOLWATCH_VERSION, environment: env.TOOLWATCH_ENVIRONMENT };
  const database = openDatabase(configurationOf(env));
  try {
    return await database.run((client) => migrate(client, { ...deployedThresholds(), deployment }));
  } finally {
    await database.close();
  }
};
