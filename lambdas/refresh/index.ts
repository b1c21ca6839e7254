import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type RefreshEnv, readVariables, refreshEnv } from '../contract/env.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { configurationOf } from '../database/configuration.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { type RefreshResult, type RollUpResult, refresh } from './refresh.ts';

/**
 * From this time on, in seconds, that calls have waited to be counted, a refresh writes it as a metric; nearly all count
 * them at once and write nothing.
 */
const LATE_SECONDS = 300;

interface Parts {
  env: RefreshEnv;
  database: Database;
  logger: Logger;
  metrics: Metrics;
}

let parts: Parts | undefined;

const start = (): Parts => {
  const env = readVariables(refreshEnv);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  return {
    env,
    database: openDatabase(configurationOf(env)),
    logger: new Logger({ serviceName }),
    metrics: new Metrics({ namespace: NAMESPACE, serviceName }),
  };
};

const writeMetrics = (metrics: Metrics, { waiting_seconds, put_aside }: RollUpResult): void => {
  if (waiting_seconds >= LATE_SECONDS)
    metrics.addMetric(PIPELINE_METRICS.rollUpDelay, MetricUnit.Seconds, waiting_seconds);
  if (put_aside > 0) metrics.addMetric(PIPELINE_METRICS.ingestRejects, MetricUnit.Count, put_aside);
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
};

/**
 * Runs on a schedule. Writes a metric when calls wait to be counted, or cannot be. Throws when a step failed, which sets
 * off the function's error alarm.
 */
export const handler = async (): Promise<RefreshResult> => {
  parts ??= start();
  const { env, database, logger, metrics } = parts;
  const startedAt = performance.now();
  const result = await refresh(database, (rolledUp) => writeMetrics(metrics, rolledUp));

  const { data_age_seconds, waiting_seconds, put_aside, errors_24h, failures } = result;
  if (env.ERRORS_24H_METRIC === 'on' && errors_24h !== undefined) {
    metrics.addMetric(PIPELINE_METRICS.errors24h, MetricUnit.Count, errors_24h);
    metrics.publishStoredMetrics();
  }
  const duration_ms = Math.round(performance.now() - startedAt);
  logger.info('Refreshed', { duration_ms, data_age_seconds, waiting_seconds, put_aside, errors_24h });

  if (failures.length > 0) throw new Error(failures.join('; '));
  return result;
};
