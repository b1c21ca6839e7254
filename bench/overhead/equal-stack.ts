import { AsyncLocalStorage } from 'node:async_hooks';
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import {
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { callContext } from '../../lambdas/contract/call-context.ts';
import { fieldsOf, redact, type SentContext, sentContextOf } from './manual-fields.ts';
import { FACTS, input, output, work } from './workload.ts';

export type WriteLine = (fields: ReturnType<typeof fieldsOf>, logger: Logger, metrics: Metrics) => void;

const logger = new Logger({ jsonReplacerFn: redact });
const metrics = new Metrics({ namespace: 'Toolwatch' });
const calls = new AsyncLocalStorage<{ correlation_id: string; measures: Map<string, number> }>();
const reliably = wrap(
  timeout(FACTS.timeoutSeconds * 1_000, TimeoutStrategy.Aggressive),
  retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
  circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) }),
);

const wrapWork = (writeLine: WriteLine) => async (event: { order_id: string }, context: Context) => {
  const sent = callContext.parse(sentContextOf(context)) as SentContext;
  const startedAt = Date.now();
  const startedMs = performance.now();
  logger.appendKeys({ correlation_id: sent.correlation_id });
  return await calls.run({ correlation_id: sent.correlation_id, measures: new Map() }, async () => {
    const result = await reliably.execute(async () => output.parse(await work(input.parse(event))));
    const duration = performance.now() - startedMs;
    const fields = fieldsOf(sent, event, result, startedAt, Date.now());
    writeLine(fields, logger, metrics);
    metrics.addDimension('tool', FACTS.name);
    metrics.addMetric('duration_ms', MetricUnit.Milliseconds, duration);
    metrics.addMetric('error', MetricUnit.Count, 0);
    return result;
  });
};

/**
 * The wrapper's features from the usual libraries: middy, Powertools, cockatiel, AsyncLocalStorage, zod, redaction.
 * `writeLine` decides where the record's fields go.
 */
export const buildEqualStack = (writeLine: WriteLine) =>
  middy<{ order_id: string }, unknown, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics))
    .handler(wrapWork(writeLine));
