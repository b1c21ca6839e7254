import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { fieldsOf, redacting, sentContextOf } from '../by-hand.ts';
import { FACTS, work } from '../workload.ts';

const logger = new Logger({ jsonReplacerFn: redacting });
const metrics = new Metrics({ namespace: 'Toolwatch' });

/** Powertools' Logger and Metrics used by hand for the same line: no validation, no timeout, no retry. */
export const handler = async (event: { order_id: string }, context: Context) => {
  const sent = sentContextOf(context);
  logger.addContext(context);
  logger.appendKeys({ correlation_id: sent.correlation_id });
  const startedAt = Date.now();
  const began = performance.now();
  try {
    const result = await work(event);
    const duration = performance.now() - began;
    const fields = fieldsOf(sent, event, result, startedAt, Date.now());
    for (const [key, value] of Object.entries(fields)) metrics.addMetadata(key, redacting(key, value) as string);
    metrics.addDimension('tool', FACTS.name);
    metrics.addMetric('duration_ms', MetricUnit.Milliseconds, duration);
    metrics.addMetric('error', MetricUnit.Count, 0);
    return result;
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};
