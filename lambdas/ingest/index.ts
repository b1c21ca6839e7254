import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { ingestEnv } from '../contract/env/ingest.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { configurationOf } from '../database/configuration.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { type IngestResult, ingest } from './ingest.ts';

/**
 * From this age on, in seconds, a stored batch writes a lag metric; nearly all batches are younger and write nothing.
 */
const LATE_SECONDS = 300;

interface Parts {
  database: Database;
  logger: Logger;
  metrics: Metrics;
}

let parts: Parts | undefined;

const start = (): Parts => {
  const env = readVariables(ingestEnv);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  return {
    database: openDatabase(configurationOf(env)),
    logger: new Logger({ serviceName }),
    metrics: new Metrics({ namespace: NAMESPACE, serviceName }),
  };
};

/**
 * Receives log lines from the log subscription. Throws when the store is down: then Lambda retries, and finally puts
 * the event among the retained payloads.
 */
export const handler = async (event: unknown): Promise<IngestResult> => {
  parts ??= start();
  const { database, logger, metrics } = parts;
  const result = await ingest(database, event);

  const { stored, duplicates, rejected, newest_finished_at } = result;
  const lag = newest_finished_at ? (Date.now() - Date.parse(newest_finished_at)) / 1_000 : 0;
  if (rejected > 0) metrics.addMetric(PIPELINE_METRICS.ingestRejects, MetricUnit.Count, rejected);
  if (lag >= LATE_SECONDS) metrics.addMetric(PIPELINE_METRICS.ingestLag, MetricUnit.Seconds, lag);
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  if (duplicates + rejected > 0) logger.info('Some lines were duplicates or rejects', { stored, duplicates, rejected });
  return result;
};
