import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient } from '@aws-sdk/client-sns';
import { smokeEnv } from '../contract/env.ts';
import { deploymentsReport } from '../contract/reports.ts';
import { queryApi } from '../telemetry/query-api.ts';
import { checkAlarm, checkTopic } from './alarm-path.ts';
import { BrokenConnection, reasonOf } from './connection.ts';
import { callThroughGateway } from './gateway.ts';
import { findTraces } from './traces.ts';

const API_PATIENCE_MS = 30_000;

/** True when this version was deployed before, another after it, and now this again: the deployment of the other rolls back. */
const isGoingBack = async (version: string): Promise<boolean> => {
  const { deployments } = await queryApi({
    path: '/v1/deployments',
    query: { limit: 3 },
    answer: deploymentsReport,
    correlationId: randomUUID(),
    tenant: undefined,
    signal: AbortSignal.timeout(API_PATIENCE_MS),
  });
  const [newest, , before] = deployments;
  return newest?.version === version && before?.version === version;
};

/**
 * Runs at the end of each deployment: calls a tool as a client would, and looks for what must come of it. Throws, and so
 * fails the deployment, with one sentence that names the arrow that does not carry. Going back never fails: a rollback
 * that fails leaves a stack nobody can deploy to.
 */
export const handler = async (): Promise<{ correlation_id: string; broken?: string }> => {
  const env = smokeEnv.parse(process.env);
  const cloudwatch = new CloudWatchClient();
  const sns = new SNSClient();
  const correlationId = randomUUID();
  try {
    const calledAt = Date.now();
    await callThroughGateway(new LambdaClient({ maxAttempts: 1 }), {
      gateway: env.GATEWAY_FUNCTION,
      tool: env.SMOKE_TOOL,
      args: env.SMOKE_ARGUMENTS,
      correlationId,
      version: env.TOOLWATCH_VERSION,
    });
    await findTraces(cloudwatch, {
      service: env.POWERTOOLS_SERVICE_NAME,
      tool: env.SMOKE_TOOL,
      ingest: env.INGEST_FUNCTION,
      correlationId,
      calledAt,
      timeoutMs: env.SMOKE_PATIENCE_SECONDS * 1_000,
    });
    await checkAlarm(cloudwatch, env.SMOKE_ALARM);
    for (const topic of env.TOPICS_WITH_TARGETS) await checkTopic(sns, topic);
    return { correlation_id: correlationId };
  } catch (error) {
    const broken = reasonOf(error);
    const mayFail =
      !(error instanceof BrokenConnection) || !(await isGoingBack(env.TOOLWATCH_VERSION).catch(() => false));
    if (mayFail) throw error;
    new Logger({ serviceName: env.POWERTOOLS_SERVICE_NAME }).error('A rollback is let through', { broken });
    return { correlation_id: correlationId, broken };
  }
};
