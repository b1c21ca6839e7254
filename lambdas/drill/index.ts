import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { drillEnv } from '../contract/env.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { readDeliveryCounts, waitForDelivery } from './deliveries.ts';

const DRILL_METRICS = { critical: PIPELINE_METRICS.drillCritical, warning: PIPELINE_METRICS.drillWarning } as const;

/**
 * Runs once a week: sets off the drill's alarms by their metrics, and waits until the topics say that somebody was told. Throws,
 * and its alarm tells, when nobody was, or a delivery failed.
 */
export const handler = async (): Promise<{ told: string[] }> => {
  const env = drillEnv.parse(process.env);
  const cloudwatch = new CloudWatchClient();
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: env.POWERTOOLS_SERVICE_NAME });
  const startedAt = Date.now();
  const drills = Object.entries(env.DRILL_TOPICS).flatMap(([severity, topic]) =>
    topic === undefined ? [] : [{ severity: severity as keyof typeof DRILL_METRICS, topic, startedAt }],
  );
  const rung = await Promise.all(
    drills.map(async (drill) => ({ drill, before: await readDeliveryCounts(cloudwatch, drill) })),
  );
  for (const { severity } of drills) metrics.addMetric(DRILL_METRICS[severity], MetricUnit.Count, 1);
  metrics.publishStoredMetrics();

  const patienceMs = env.DRILL_PATIENCE_SECONDS * 1_000;
  const ends = await Promise.all(
    rung.map(async ({ drill, before }) => ({
      severity: drill.severity,
      end: await waitForDelivery(cloudwatch, drill, before, patienceMs),
    })),
  );
  const wrong = ends
    .filter(({ end }) => end !== 'told')
    .map(({ severity, end }) => `${severity}: ${end === 'failed' ? 'a delivery failed' : 'nobody was told'}`);
  if (wrong.length > 0) throw new Error(`The drill was not heard. ${wrong.join('; ')}.`);
  return { told: drills.map(({ severity }) => severity) };
};
