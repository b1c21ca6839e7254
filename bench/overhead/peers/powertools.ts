import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { fieldsOf, redact, sentContextOf } from '../manual-fields.ts';
import { FACTS, work } from '../workload.ts';

const logger = new Logger({ jsonReplacerFn: redact });
const metrics = new Metrics({ namespace: 'Toolwatch' });

/** Powertools' Logger and Metrics used directly for the same line: no validation, no timeout, no retry. */
export const handler = async (event: { order_id: string }, context: Context) => {
  const sent = sentContextOf(context);
  logger.addContext(context);
  logger.appendKeys({ correlation_id: sent.correlation_id });
  const startedAt = Date.now();
  const startedMs = performance.now();
  try {
    const result = await work(event);
    const duration = performance.now() - startedMs;
    const fields = fieldsOf(sent, event, result, startedAt, Date.now());
    for (const [key, value] of Object.entries(fields)) metrics.addMetadata(key, redact(key, value) as string);
    metrics.addDimension('tool', FACTS.name);
    metrics.addMetric('duration_ms', MetricUnit.Milliseconds, duration);
    metrics.addMetric('error', MetricUnit.Count, 0);
    return result;
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};
