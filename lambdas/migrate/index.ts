import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { migrateEnv } from '../contract/env/migrate.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { parseAs } from '../contract/parse-as.ts';
import { parseJson } from '../contract/parse-json.ts';
import { type ToolThresholds, toolThresholds } from '../contract/thresholds.ts';
import { configurationOf } from '../database/configuration.ts';
import { openDatabase } from '../database/database.ts';
import { type MigrateResult, migrate } from './migrate.ts';
import { explainRefusal } from './server-check.ts';

/** The thresholds of this deployment's tools, from `tools.json` beside the bundle. */
const readThresholds = (): { thresholds?: ToolThresholds[] } => {
  const file = new URL('./tools.json', import.meta.url);
  if (!existsSync(file)) return {};
  return { thresholds: parseAs(z.array(toolThresholds), parseJson(readFileSync(file, 'utf8')), 'tools.json') };
};

/** Runs in each deployment, before the functions that need the new schema. An error fails the deployment. */
export const handler = async (): Promise<MigrateResult> => {
  const env = readVariables(migrateEnv);
  const deployment = { version: env.TOOLWATCH_VERSION, environment: env.TOOLWATCH_ENVIRONMENT };
  const configuration = configurationOf(env);
  const database = openDatabase(configuration);
  try {
    return await database.run((client) =>
      migrate(client, { ...readThresholds(), deployment, archives: env.ARCHIVES === 'yes' }),
    );
  } catch (error) {
    throw explainRefusal(error, configuration);
  } finally {
    await database.close();
  }
};
