import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { readVariables } from '../contract/env/read-variables.ts';
import { retentionEnv } from '../contract/env/retention.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { configurationOf } from '../database/configuration.ts';
import { openDatabase } from '../database/database.ts';
import { applyRetention, type RetentionResult } from './retention.ts';

/** The metric is written only when the disk will be full within this many days. */
const METRIC_HORIZON_DAYS = 60;

/** Runs once a day. Throws when a day past its retention could not be dropped. */
export const handler = async (): Promise<RetentionResult> => {
  const env = readVariables(retentionEnv);
  const database = openDatabase(configurationOf(env));
  try {
    const result = await applyRetention(database, env.RETENTION_DAYS, env.DISK_BYTES);
    const serviceName = env.POWERTOOLS_SERVICE_NAME;
    new Logger({ serviceName }).info('Retention applied', { ...result });
    const metrics = new Metrics({ namespace: NAMESPACE, serviceName });
    const { disk_full_in_days } = result.sizes;
    if (disk_full_in_days !== null && disk_full_in_days <= METRIC_HORIZON_DAYS)
      metrics.addMetric(PIPELINE_METRICS.diskFullIn, MetricUnit.Count, disk_full_in_days);
    if (result.waiting > 0) metrics.addMetric(PIPELINE_METRICS.archiveOverdue, MetricUnit.Count, result.waiting);
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    return result;
  } finally {
    await database.close();
  }
};
