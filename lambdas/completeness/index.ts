import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import * as z from 'zod';
import { completenessEnv } from '../contract/env.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { completenessOf, type Shortfall } from './completeness.ts';
import { countCalls, HOUR_MS } from './counts.ts';

/** By then lines that were tried again have arrived, and metrics no longer change. */
const SETTLED_MS = 30 * 60_000;

const start = () => {
  const env = completenessEnv.parse(process.env);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  return {
    env,
    tools: z.array(z.string()).parse(JSON.parse(readFileSync(new URL('./tools.json', import.meta.url), 'utf8'))),
    cloudwatch: new CloudWatchClient(),
    logger: new Logger({ serviceName }),
    metrics: new Metrics({ namespace: NAMESPACE, serviceName }),
  };
};

let parts: ReturnType<typeof start> | undefined;

const event = z.object({ hour: z.iso.datetime().optional() }).catch({});

export interface Completeness {
  /** The beginning of the quarter of an hour. */
  quarter: string;
  pct: number;
  shortfalls: Shortfall[];
}

/**
 * Runs on a schedule: compares what Lambda, the metrics and the store say of each quarter of the last settled hour, or of the
 * one that is asked for. Throws when one of them does not answer; then there is no metric, and its alarm tells.
 */
export const handler = async (sent: unknown): Promise<Completeness[]> => {
  parts ??= start();
  const { env, tools, cloudwatch, logger, metrics } = parts;
  const { hour: wanted } = event.parse(sent);
  const lookAt = wanted === undefined ? Date.now() - SETTLED_MS - HOUR_MS : Date.parse(wanted);
  const hourAt = Math.floor(lookAt / HOUR_MS) * HOUR_MS;
  const quarters = await countCalls(cloudwatch, {
    service: env.POWERTOOLS_SERVICE_NAME,
    functionPrefix: env.TOOL_FUNCTION_PREFIX,
    tools,
    hourAt,
    correlationId: randomUUID(),
  });
  const found = quarters.map(({ at, counted }) => {
    const { pct, shortfalls } = completenessOf(counted);
    const quarter = new Date(at).toISOString();
    if (shortfalls.length > 0) logger.warn('Calls did not arrive', { quarter, shortfalls });
    metrics.addMetric(PIPELINE_METRICS.completeness, MetricUnit.Percent, pct);
    return { quarter, pct, shortfalls };
  });
  metrics.publishStoredMetrics();
  return found;
};
