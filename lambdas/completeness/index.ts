import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import * as z from 'zod';
import { HOUR_MS, MINUTE_MS } from '../contract/durations.ts';
import { completenessEnv } from '../contract/env/completeness.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { parseAs } from '../contract/parse-as.ts';
import { parseJson } from '../contract/parse-json.ts';
import { instant } from '../contract/time.ts';
import { completenessOf, type Shortfall } from './completeness.ts';
import { countCalls } from './counts.ts';

/** By this age, retried lines have arrived and metrics no longer change. */
const SETTLED_MS = 30 * MINUTE_MS;

const start = () => {
  const env = readVariables(completenessEnv);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  return {
    env,
    tools: parseAs(
      z.array(z.string()),
      parseJson(readFileSync(new URL('./tools.json', import.meta.url), 'utf8')),
      'tools.json',
    ),
    cloudwatch: new CloudWatchClient(),
    logger: new Logger({ serviceName }),
    metrics: new Metrics({ namespace: NAMESPACE, serviceName }),
  };
};

let parts: ReturnType<typeof start> | undefined;

const eventSchema = z.object({ hour: instant.optional() });

export interface QuarterCompleteness {
  /** The beginning of the quarter of an hour. */
  quarter: string;
  pct: number;
  shortfalls: Shortfall[];
}

/**
 * Runs on a schedule: compares the counts of Lambda, the metrics and the store for each quarter of the last settled
 * hour, or of the hour in the event. Throws when one of them does not answer; then no metric is written, which sets off
 * the alarm on the missing metric.
 */
export const handler = async (event: unknown): Promise<QuarterCompleteness[]> => {
  parts ??= start();
  const { env, tools, cloudwatch, logger, metrics } = parts;
  const { hour } = parseAs(eventSchema, event ?? {}, 'The event');
  const time = hour === undefined ? Date.now() - SETTLED_MS - HOUR_MS : Date.parse(hour);
  const quarters = await countCalls(cloudwatch, {
    service: env.POWERTOOLS_SERVICE_NAME,
    functionPrefix: env.TOOL_FUNCTION_PREFIX,
    tools,
    hourAt: Math.floor(time / HOUR_MS) * HOUR_MS,
    correlationId: randomUUID(),
  });
  const results = quarters.map(({ at, toolCounts }) => {
    const { pct, shortfalls } = completenessOf(toolCounts);
    const quarter = new Date(at).toISOString();
    if (shortfalls.length > 0) logger.warn('Calls are missing from the metrics or the store', { quarter, shortfalls });
    metrics.addMetric(PIPELINE_METRICS.completeness, MetricUnit.Percent, pct);
    return { quarter, pct, shortfalls };
  });
  metrics.publishStoredMetrics();
  return results;
};
