import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { ingestEnv } from '../contract/env.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { configurationOf } from '../database/configuration.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { type Ingested, ingest } from './ingest.ts';

interface Parts {
  database: Database;
  metrics: Metrics;
}

let parts: Parts | undefined;

const start = (): Parts => {
  const env = ingestEnv.parse(process.env);
  return {
    database: openDatabase(configurationOf(env)),
    metrics: new Metrics({ namespace: NAMESPACE, serviceName: env.POWERTOOLS_SERVICE_NAME }),
  };
};

/** Lines come from the log subscription. Throws when the store is down: Lambda tries again, and then keeps the event. */
export const handler = async (event: unknown): Promise<Ingested> => {
  parts ??= start();
  const { database, metrics } = parts;
  const result = await ingest(database, event);

  metrics.addMetric(PIPELINE_METRICS.ingestedRows, MetricUnit.Count, result.stored);
  if (result.duplicates > 0) metrics.addMetric(PIPELINE_METRICS.ingestDuplicates, MetricUnit.Count, result.duplicates);
  if (result.rejected > 0) metrics.addMetric(PIPELINE_METRICS.ingestRejects, MetricUnit.Count, result.rejected);
  if (result.newest_finished_at) {
    const lag = (Date.now() - Date.parse(result.newest_finished_at)) / 1_000;
    metrics.addMetric(PIPELINE_METRICS.ingestLag, MetricUnit.Seconds, Math.max(0, lag));
  }
  metrics.publishStoredMetrics();
  return result;
};
