import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { ingestEnv } from '../contract/env.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { configurationOf } from '../database/configuration.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { type Ingested, ingest } from './ingest.ts';

/** A batch so old when it is stored is worth a metric, in seconds; nearly all are younger, and write no line at all. */
const LATE_SECONDS = 300;

interface Parts {
  database: Database;
  logger: Logger;
  metrics: Metrics;
}

let parts: Parts | undefined;

const start = (): Parts => {
  const env = ingestEnv.parse(process.env);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  return {
    database: openDatabase(configurationOf(env)),
    logger: new Logger({ serviceName }),
    metrics: new Metrics({ namespace: NAMESPACE, serviceName }),
  };
};

/** Lines come from the log subscription. Throws when the store is down: Lambda tries again, and then keeps the event. */
export const handler = async (event: unknown): Promise<Ingested> => {
  parts ??= start();
  const { database, logger, metrics } = parts;
  const result = await ingest(database, event);

  const { stored, duplicates, rejected, newest_finished_at } = result;
  const lag = newest_finished_at ? (Date.now() - Date.parse(newest_finished_at)) / 1_000 : 0;
  if (rejected > 0) metrics.addMetric(PIPELINE_METRICS.ingestRejects, MetricUnit.Count, rejected);
  if (lag >= LATE_SECONDS) metrics.addMetric(PIPELINE_METRICS.ingestLag, MetricUnit.Seconds, lag);
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  if (duplicates + rejected > 0) logger.info('Not every line was a new call', { stored, duplicates, rejected });
  return result;
};
