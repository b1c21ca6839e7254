import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import { payloadsEnv } from '../contract/env/payloads.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { countRetainedPayloads, type RetainedPayloads } from './payloads.ts';

const start = () => {
  const env = payloadsEnv.parse(process.env);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  return {
    bucket: env.RETAINED_PAYLOADS,
    s3: new S3Client(),
    logger: new Logger({ serviceName }),
    metrics: new Metrics({ namespace: NAMESPACE, serviceName }),
  };
};

let parts: ReturnType<typeof start> | undefined;

/** Runs every hour. Writes how many retained payloads wait and for how long, if there are any. Throws when S3 does not answer. */
export const handler = async (): Promise<RetainedPayloads> => {
  parts ??= start();
  const { bucket, s3, logger, metrics } = parts;
  const retained = await countRetainedPayloads(s3, bucket, new Date());
  if (retained.count > 0) {
    logger.warn('Payloads wait to be replayed', { ...retained, bucket });
    metrics.addMetric(PIPELINE_METRICS.retainedPayloads, MetricUnit.Count, retained.count);
    metrics.addMetric(PIPELINE_METRICS.retainedPayloadAge, MetricUnit.Count, retained.oldest_days);
    metrics.publishStoredMetrics();
  }
  return retained;
};
