import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type RefreshEnv, readVariables, refreshEnv } from '../contract/env.ts';
import { isDimensionValue } from '../contract/limits.ts';
import { CALL_DIMENSIONS, NAMESPACE, PIPELINE_METRICS, VERDICT_METRICS } from '../contract/metrics.ts';
import { UNREGISTERED } from '../contract/vocabulary.ts';
import { configurationOf } from '../database/configuration.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { type RefreshResult, type RollUpResult, refresh } from './refresh.ts';
import type { StoreVerdicts } from './verdicts/evaluate-store.ts';

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

/** Writes what is evaluated as metrics of the names: 1 while it holds, 0 when it is proven to be over. */
const writeVerdicts = (
  service: string,
  metrics: Metrics,
  logger: Logger,
  { verdicts, leftOut, callsStopped }: StoreVerdicts,
): void => {
  if (callsStopped) {
    metrics.addMetric(PIPELINE_METRICS.callsStopped, MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  }
  for (const { name, condition, verdict } of verdicts) {
    const ofName = new Metrics({ namespace: NAMESPACE, serviceName: service });
    ofName.addDimension(CALL_DIMENSIONS.tool, isDimensionValue(name) ? name : UNREGISTERED);
    ofName.addMetric(VERDICT_METRICS[condition], MetricUnit.Count, verdict === 'holds' ? 1 : 0);
    ofName.publishStoredMetrics();
  }
  if (leftOut > 0) logger.warn('More names are in trouble than become metrics', { names: leftOut });
};

/**
 * Runs on a schedule. Writes a metric when calls wait to be counted, or cannot be. Throws when a step failed, which sets
 * off the function's error alarm.
 */
export const handler = async (): Promise<RefreshResult> => {
  parts ??= start();
  const { env, database, logger, metrics } = parts;
  const startedAt = performance.now();
  const result = await refresh(database, {
    otherRate: env.OTHER_ERROR_RATE,
    onRolledUp: (rolledUp) => writeMetrics(metrics, rolledUp),
  });

  const { data_age_seconds, waiting_seconds, put_aside, errors_24h, failures } = result;
  if (env.ERRORS_24H_METRIC === 'on' && errors_24h !== undefined) {
    metrics.addMetric(PIPELINE_METRICS.errors24h, MetricUnit.Count, errors_24h);
    metrics.publishStoredMetrics();
  }
  if (result.verdicts) writeVerdicts(env.POWERTOOLS_SERVICE_NAME, metrics, logger, result.verdicts);
  const duration_ms = Math.round(performance.now() - startedAt);
  logger.info('Refreshed', { duration_ms, data_age_seconds, waiting_seconds, put_aside, errors_24h });

  if (failures.length > 0) throw new Error(failures.join('; '));
  return result;
};
