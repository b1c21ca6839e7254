import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { refreshEnv } from '../contract/env.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { configurationOf } from '../database/configuration.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { type Refreshed, refresh } from './refresh.ts';

interface Parts {
  database: Database;
  metrics: Metrics;
}

let parts: Parts | undefined;

const start = (): Parts => {
  const env = refreshEnv.parse(process.env);
  return {
    database: openDatabase(configurationOf(env)),
    metrics: new Metrics({ namespace: NAMESPACE, serviceName: env.POWERTOOLS_SERVICE_NAME }),
  };
};

/** Runs on a schedule. Throws when a view could not be refreshed, which the function's own error alarm tells. */
export const handler = async (): Promise<Refreshed> => {
  parts ??= start();
  const { database, metrics } = parts;
  const began = performance.now();
  const result = await refresh(database);

  metrics.addMetric(PIPELINE_METRICS.refreshDuration, MetricUnit.Milliseconds, performance.now() - began);
  if (result.data_age_seconds !== null)
    metrics.addMetric(PIPELINE_METRICS.dataAge, MetricUnit.Seconds, Math.max(0, result.data_age_seconds));
  metrics.publishStoredMetrics();

  const failed = result.views.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0)
    throw new Error(failed.map(({ view_name, error }) => `${view_name} was not refreshed: ${error}`).join('; '));
  return result;
};
