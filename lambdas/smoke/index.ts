import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient } from '@aws-sdk/client-sns';
import { readVariables } from '../contract/env/read-variables.ts';
import { type SmokeEnv, smokeEnv } from '../contract/env/smoke.ts';
import { deploymentsReport } from '../contract/reports.ts';
import { queryApiAsOperator } from '../telemetry/query-api-as-operator.ts';
import { checkAlarm, checkNotifier, checkTopic } from './alarm-path.ts';
import { BrokenConnection, reasonOf } from './connection.ts';
import { callThroughGateway } from './gateway.ts';
import { findTraces } from './traces.ts';

/** True when this version was deployed, then another one, and now this one again: the other's deployment rolls back. */
const isRollback = async (version: string): Promise<boolean> => {
  const { deployments } = await queryApiAsOperator({
    path: '/v1/deployments',
    query: { limit: 3 },
    answer: deploymentsReport,
    correlationId: randomUUID(),
  });
  const [newest, , beforeLast] = deployments;
  return newest?.version === version && beforeLast?.version === version;
};

/** Throws a `BrokenConnection` for the first connection from metrics to people that is broken. */
const checkAlarmPath = async (
  cloudwatch: CloudWatchClient,
  sns: SNSClient,
  lambda: LambdaClient,
  env: SmokeEnv,
): Promise<void> => {
  await checkAlarm(cloudwatch, env.SMOKE_ALARM);
  await checkNotifier(lambda, env.NOTIFIER_FUNCTION);
  for (const topic of env.TOPICS_WITH_TARGETS) await checkTopic(sns, topic);
};

/**
 * Runs at the end of each deployment: calls a tool as a client would, and checks that the call leaves its traces. Fails
 * the deployment with one sentence that names the broken connection. A rollback is never failed: a stack whose rollback
 * failed cannot be deployed to any more.
 */
export const handler = async (): Promise<{ correlation_id: string; broken?: string }> => {
  const env = readVariables(smokeEnv);
  const cloudwatch = new CloudWatchClient();
  const sns = new SNSClient();
  const lambda = new LambdaClient({ maxAttempts: 1 });
  const correlationId = randomUUID();
  const timeoutMs = env.SMOKE_TIMEOUT_SECONDS * 1_000;
  try {
    const calledAt = Date.now();
    await callThroughGateway(lambda, {
      gateway: env.GATEWAY_FUNCTION,
      tool: env.SMOKE_TOOL,
      args: env.SMOKE_ARGUMENTS,
      correlationId,
      version: env.TOOLWATCH_VERSION,
      timeoutMs,
    });
    const alarmPath = checkAlarmPath(cloudwatch, sns, lambda, env);
    // Its failure is thrown below, unless the call's traces are missing, which comes first.
    alarmPath.catch(() => {});
    await findTraces(cloudwatch, {
      service: env.POWERTOOLS_SERVICE_NAME,
      tool: env.SMOKE_TOOL,
      ingest: env.INGEST_FUNCTION,
      correlationId,
      calledAt,
      timeoutMs,
    });
    await alarmPath;
    return { correlation_id: correlationId };
  } catch (error) {
    const broken = reasonOf(error);
    const mayFail =
      !(error instanceof BrokenConnection) || !(await isRollback(env.TOOLWATCH_VERSION).catch(() => false));
    if (mayFail) throw error;
    new Logger({ serviceName: env.POWERTOOLS_SERVICE_NAME }).error('A connection is broken; the rollback continues', {
      broken,
    });
    return { correlation_id: correlationId, broken };
  }
};
