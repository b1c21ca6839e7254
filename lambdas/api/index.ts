import { readFileSync } from 'node:fs';
import { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { CostFacts } from '../contract/api/costs.ts';
import { apiEnv } from '../contract/env/api.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { configurationOf } from '../database/configuration.ts';
import { openDatabase } from '../database/database.ts';
import { traceContextOf } from '../observe/call/correlation.ts';
import { answerAndRecord } from './request/request-line.ts';
import { createRouter } from './routes.ts';

/** A file that was built beside this function. */
const read = (file: string): string => readFileSync(new URL(`./${file}`, import.meta.url), 'utf8');

const start = () => {
  const env = readVariables(apiEnv);
  const logger = new Logger({ serviceName: env.POWERTOOLS_SERVICE_NAME });
  const api = createRouter({
    database: openDatabase(configurationOf(env)),
    // Changes are rare, so a process does not keep a connection for them.
    editor: openDatabase({ ...configurationOf({ ...env, DATABASE_USER: env.DATABASE_EDITOR }), maxUses: 1 }),
    channelNames: env.CHANNEL_NAMES,
    jobAttempts: env.JOB_ATTEMPTS,
    service: env.POWERTOOLS_SERVICE_NAME,
    version: env.TOOLWATCH_VERSION,
    expected: env.HEALTH_EXPECTED,
    frontDoor: env,
    callLog: env.CALL_LOG_PAGE,
    signIn: env.SIGN_IN,
    page: read('page.html'),
    reference: () => read('reference.html'),
    openApi: () => read('openapi.json'),
    costFacts: () => JSON.parse(read('costs.json')) as CostFacts,
    onError: (error) => logger.error('A request failed', error),
  });
  const recording = { frontDoor: env, lines: env.REQUEST_LINES, recordsIp: env.RECORD_IP === 'on' };
  return { logger, answer: answerAndRecord(api, recording) };
};

let parts: ReturnType<typeof start> | undefined;

/** Serves requests of the front door, and requests that telemetry tools send directly as the same kind of event. */
export const handler = async (
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> => {
  parts ??= start();
  const { logger, answer } = parts;
  const correlation_id = traceContextOf(event.headers).correlation_id ?? context.awsRequestId;
  logger.appendKeys({ correlation_id });
  return answer(event, context, correlation_id);
};
