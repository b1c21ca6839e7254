import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { drillEnv, readVariables } from '../contract/env.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { type DrillOutcome, readDeliveryCounts, waitForDelivery } from './deliveries.ts';

const DRILL_METRICS = { critical: PIPELINE_METRICS.drillCritical, warning: PIPELINE_METRICS.drillWarning } as const;

const PROBLEMS: Record<Exclude<DrillOutcome, 'delivered'>, string> = {
  failed: 'a delivery failed',
  timeout: 'no notification was delivered in time',
};

/**
 * Runs once a week: sets off the drill's alarms by their metrics, and waits until each topic has delivered a
 * notification. Throws, which sets off an alarm, when a topic delivered none or a delivery failed.
 */
export const handler = async (): Promise<{ notified: string[] }> => {
  const env = readVariables(drillEnv);
  const cloudwatch = new CloudWatchClient();
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: env.POWERTOOLS_SERVICE_NAME });
  const startedAt = Date.now();
  const drills = Object.entries(env.DRILL_TOPICS).flatMap(([severity, topic]) =>
    topic === undefined ? [] : [{ severity: severity as keyof typeof DRILL_METRICS, topic, startedAt }],
  );
  const started = await Promise.all(
    drills.map(async (drill) => ({ drill, before: await readDeliveryCounts(cloudwatch, drill) })),
  );
  for (const { severity } of drills) metrics.addMetric(DRILL_METRICS[severity], MetricUnit.Count, 1);
  metrics.publishStoredMetrics();

  const timeoutMs = env.DRILL_TIMEOUT_SECONDS * 1_000;
  const problems = await Promise.all(
    started.map(async ({ drill, before }) => {
      const outcome = await waitForDelivery(cloudwatch, drill, before, timeoutMs);
      return outcome === 'delivered' ? [] : [`${drill.severity}: ${PROBLEMS[outcome]}`];
    }),
  );
  if (problems.flat().length > 0) throw new Error(`The drill failed. ${problems.flat().join('; ')}.`);
  return { notified: drills.map(({ severity }) => severity) };
};
