import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { retentionEnv } from '../contract/env.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { configurationOf } from '../database/configuration.ts';
import { openDatabase } from '../database/database.ts';
import { type Retained, retain } from './retention.ts';

/** Runs once a day. Throws when a day that is past keeping could not be dropped. */
export const handler = async (): Promise<Retained> => {
  const env = retentionEnv.parse(process.env);
  const database = openDatabase(configurationOf(env));
  try {
    const result = await retain(database, env.RETENTION_DAYS, env.DISK_BYTES);
    const { sizes } = result;
    const metrics = new Metrics({ namespace: NAMESPACE, serviceName: env.POWERTOOLS_SERVICE_NAME });
    metrics.addMetric(PIPELINE_METRICS.databaseBytes, MetricUnit.Bytes, sizes.database_bytes);
    metrics.addMetric(PIPELINE_METRICS.indexBytes, MetricUnit.Bytes, sizes.index_bytes);
    metrics.addMetric(PIPELINE_METRICS.bloat, MetricUnit.Percent, sizes.bloat_pct);
    if (sizes.slowest_statement_ms !== null)
      metrics.addMetric(PIPELINE_METRICS.slowestStatement, MetricUnit.Milliseconds, sizes.slowest_statement_ms);
    if (sizes.disk_full_in_days !== null)
      metrics.addMetric(PIPELINE_METRICS.diskFullIn, MetricUnit.Count, sizes.disk_full_in_days);
    metrics.publishStoredMetrics();
    return result;
  } finally {
    await database.close();
  }
};
