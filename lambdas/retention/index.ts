import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { retentionEnv } from '../contract/env.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { configurationOf } from '../database/configuration.ts';
import { openDatabase } from '../database/database.ts';
import { type Retained, retain } from './retention.ts';

/** A full disk further away than this, in days, is worth no metric. */
const NEAR_DAYS = 60;

/** Runs once a day. Throws when a day that is past keeping could not be dropped. */
export const handler = async (): Promise<Retained> => {
  const env = retentionEnv.parse(process.env);
  const database = openDatabase(configurationOf(env));
  try {
    const result = await retain(database, env.RETENTION_DAYS, env.DISK_BYTES);
    const serviceName = env.POWERTOOLS_SERVICE_NAME;
    new Logger({ serviceName }).info('Kept what is to be kept', { ...result });
    const { disk_full_in_days } = result.sizes;
    if (disk_full_in_days !== null && disk_full_in_days <= NEAR_DAYS) {
      const metrics = new Metrics({ namespace: NAMESPACE, serviceName });
      metrics.addMetric(PIPELINE_METRICS.diskFullIn, MetricUnit.Count, disk_full_in_days);
      metrics.publishStoredMetrics();
    }
    return result;
  } finally {
    await database.close();
  }
};
