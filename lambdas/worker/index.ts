import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Context } from 'aws-lambda';
import { readVariables } from '../contract/env/read-variables.ts';
import { workerEnv } from '../contract/env/worker.ts';
import { askJobsBy } from '../contract/jobs/ask-jobs.ts';
import type { JobFigures } from '../contract/jobs/store-requests.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { catalogue } from '../invoke/catalogue.ts';
import { invokeThrough } from '../invoke/invoke.ts';
import { recordInvokeFailure } from '../invoke/record-invoke-failure.ts';
import { recordJob } from './record-job.ts';
import { Worker } from './worker.ts';

const writeFigures = (metrics: Metrics, figures: JobFigures): void => {
  const { depth, oldest_seconds, newly_failed, quarantined, processed, processing_ms } = figures;
  metrics.addMetric(PIPELINE_METRICS.jobsDepth, MetricUnit.Count, depth);
  metrics.addMetric(PIPELINE_METRICS.jobsOldest, MetricUnit.Seconds, oldest_seconds);
  metrics.addMetric(PIPELINE_METRICS.jobsFailed, MetricUnit.Count, newly_failed);
  metrics.addMetric(PIPELINE_METRICS.jobsQuarantined, MetricUnit.Count, quarantined);
  metrics.addMetric(PIPELINE_METRICS.jobsProcessed, MetricUnit.Count, processed);
  if (processing_ms !== null)
    metrics.addMetric(PIPELINE_METRICS.jobsProcessingTime, MetricUnit.Milliseconds, processing_ms);
  metrics.publishStoredMetrics();
};

const start = (): Worker => {
  const env = readVariables(workerEnv);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName });
  // One attempt: a tool that is invoked twice for one attempt may do its work twice.
  const lambda = new LambdaClient({ maxAttempts: 1 });
  const tools: unknown = JSON.parse(readFileSync(new URL('./catalogue.json', import.meta.url), 'utf8'));
  return new Worker({
    ask: askJobsBy((Payload) => lambda.send(new InvokeCommand({ FunctionName: env.JOBS_FUNCTION, Payload }))),
    catalogue: catalogue.parse(tools),
    concurrency: env.CONCURRENCY,
    argumentOf: env.ARGUMENTS,
    functionPrefix: env.TOOL_FUNCTION_PREFIX,
    invoke: invokeThrough(lambda),
    recordInvokeFailure,
    recordJob,
    writeFigures: (figures) => writeFigures(metrics, figures),
    logger: new Logger({ serviceName }),
    sleep,
    now: Date.now,
    random: Math.random,
  });
};

let worker: Worker | undefined;

/** Makes the due jobs. Started every minute, and by `collect` when jobs were stored. Throws when the store does not answer. */
export const handler = async (
  _event: unknown,
  context: Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>,
): Promise<void> => {
  worker ??= start();
  const { awsRequestId } = context;
  await worker.run({ awsRequestId, remainingMs: () => context.getRemainingTimeInMillis() });
};
