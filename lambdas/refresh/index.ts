import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { readVariables } from '../contract/env/read-variables.ts';
import { type RefreshEnv, refreshEnv } from '../contract/env/refresh.ts';
import { isDimensionValue } from '../contract/limits.ts';
import {
  CALL_DIMENSIONS,
  NAMESPACE,
  PIPELINE_METRICS,
  RULE_DIMENSIONS,
  RULE_METRICS,
  VERDICT_METRICS,
} from '../contract/metrics.ts';
import { UNREGISTERED } from '../contract/vocabulary.ts';
import { configurationOf } from '../database/configuration.ts';
import { type Database, openDatabase } from '../database/database.ts';
import type { RuleReport } from './alert-rules/evaluate-rules.ts';
import { recordEvaluation } from './alert-rules/record-evaluation.ts';
import { type RefreshResult, type RollUpResult, refresh } from './refresh.ts';
import type { StoreVerdicts } from './verdicts/evaluate-store.ts';

/**
 * From this time on, in seconds, that calls have waited to be counted, a refresh writes it as a metric; nearly all count
 * them at once and write nothing.
 */
const LATE_SECONDS = 300;

interface Parts {
  env: RefreshEnv;
  database: Database;
  logger: Logger;
  metrics: Metrics;
}

let parts: Parts | undefined;

const start = (): Parts => {
  const env = readVariables(refreshEnv);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  return {
    env,
    database: openDatabase(configurationOf(env)),
    logger: new Logger({ serviceName }),
    metrics: new Metrics({ namespace: NAMESPACE, serviceName }),
  };
};

const writeMetrics = (metrics: Metrics, { waiting_seconds, put_aside }: RollUpResult): void => {
  if (waiting_seconds >= LATE_SECONDS)
    metrics.addMetric(PIPELINE_METRICS.rollUpDelay, MetricUnit.Seconds, waiting_seconds);
  if (put_aside > 0) metrics.addMetric(PIPELINE_METRICS.ingestRejects, MetricUnit.Count, put_aside);
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
};

/** Writes what is evaluated as metrics of the names: 1 while it holds, 0 when it is proven to be over. */
const writeVerdicts = (
  service: string,
  metrics: Metrics,
  logger: Logger,
  { verdicts, leftOut, callsStopped }: StoreVerdicts,
): void => {
  if (callsStopped) {
    metrics.addMetric(PIPELINE_METRICS.callsStopped, MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  }
  for (const { name, condition, verdict } of verdicts) {
    const ofName = new Metrics({ namespace: NAMESPACE, serviceName: service });
    ofName.addDimension(CALL_DIMENSIONS.tool, isDimensionValue(name) ? name : UNREGISTERED);
    ofName.addMetric(VERDICT_METRICS[condition], MetricUnit.Count, verdict === 'holds' ? 1 : 0);
    ofName.publishStoredMetrics();
  }
  if (leftOut > 0) logger.warn('More names are in trouble than become metrics', { names: leftOut });
};

/** So many rules at once have one cause, which the first of them show; each would be metrics that are billed. */
const MAX_REPORTED_RULES = 100;

/** Writes what is found of rules as metrics: 1 while it is so, 0 when it is over. */
const writeRules = (service: string, logger: Logger, reports: readonly RuleReport[]): void => {
  for (const { name, severity, holds, was_held, is_failing, was_failing } of reports.slice(0, MAX_REPORTED_RULES)) {
    const ofRule = new Metrics({ namespace: NAMESPACE, serviceName: service });
    ofRule.addDimension(RULE_DIMENSIONS.rule, name);
    const write = (metric: string, isTrue: boolean) => ofRule.addMetric(metric, MetricUnit.Count, isTrue ? 1 : 0);
    if (holds || was_held) {
      // Both, because a rule may have become more or less severe while it holds.
      write(RULE_METRICS.critical, holds && severity === 'critical');
      write(RULE_METRICS.warning, holds && severity === 'warning');
    }
    if (is_failing || was_failing) write(RULE_METRICS.notEvaluated, is_failing);
    ofRule.publishStoredMetrics();
  }
  const leftOut = reports.length - MAX_REPORTED_RULES;
  if (leftOut > 0) logger.warn('More rules hold than become metrics', { rules: leftOut });
};

/**
 * Runs on a schedule. Writes a metric when calls wait to be counted, or cannot be, and a line for each evaluation of an
 * alert rule. Throws when a step failed, which sets off the function's error alarm.
 */
export const handler = async (_event?: unknown, context?: Pick<Context, 'awsRequestId'>): Promise<RefreshResult> => {
  parts ??= start();
  const { env, database, logger, metrics } = parts;
  const startedAt = performance.now();
  const runId = context?.awsRequestId ?? randomUUID();
  const result = await refresh(database, {
    otherRate: env.OTHER_ERROR_RATE,
    onRolledUp: (rolledUp) => writeMetrics(metrics, rolledUp),
    onEvaluated: (evaluation) => recordEvaluation(evaluation, runId),
  });

  const { data_age_seconds, waiting_seconds, put_aside, failures } = result;
  if (result.verdicts) writeVerdicts(env.POWERTOOLS_SERVICE_NAME, metrics, logger, result.verdicts);
  if (result.rules) writeRules(env.POWERTOOLS_SERVICE_NAME, logger, result.rules);
  const duration_ms = Math.round(performance.now() - startedAt);
  logger.info('Refreshed', { duration_ms, data_age_seconds, waiting_seconds, put_aside });

  if (failures.length > 0) throw new Error(failures.join('; '));
  return result;
};
