import { readFileSync } from 'node:fs';
import { Logger } from '@aws-lambda-powertools/logger';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { AWS_TIMEOUTS } from '../contract/aws-timeouts.ts';
import { operateEnv } from '../contract/env/operate.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { toQueueBody } from '../contract/notices/queue-body.ts';
import type { RunbookAdvice } from '../contract/runbook.ts';
import { TableItems } from '../monitoring/table-items.ts';
import { traceContextOf } from '../observe/call/correlation.ts';
import { writeLine } from '../observe/line/stdout.ts';
import { createAcknowledgementHandlers } from './acknowledgements.ts';
import { createAlarmHandlers } from './alarms.ts';
import { createCompletenessHandlers } from './completeness.ts';
import { createDrillHandlers } from './drill.ts';
import { createMuteHandlers } from './mutes.ts';
import { createNotify } from './notify.ts';
import { Operator } from './operator.ts';
import { createSelfCheckHandlers } from './self-check.ts';

/** A file that `lib` writes beside the bundle. */
const readAdvice = (): RunbookAdvice =>
  JSON.parse(readFileSync(new URL('./runbook.json', import.meta.url), 'utf8')) as RunbookAdvice;

const start = () => {
  const env = readVariables(operateEnv);
  const logger = new Logger({ serviceName: env.POWERTOOLS_SERVICE_NAME });
  // By the address of the region, which a queue's own address need not be below.
  const sqs = new SQSClient({ ...AWS_TIMEOUTS, useQueueUrlAsEndpoint: false });
  const items = new TableItems(new DynamoDBClient(AWS_TIMEOUTS), env.STATE_TABLE);
  const alarms = {
    cloudwatch: new CloudWatchClient(AWS_TIMEOUTS),
    deployment: env.POWERTOOLS_SERVICE_NAME,
    alarmPrefix: env.ALARM_PREFIX ?? '',
  };
  const operator = new Operator({
    handlers: {
      'POST /v1/notify': createNotify(async (notice) => {
        await sqs.send(
          new SendMessageCommand({ QueueUrl: env.CUSTOM_NOTICES_QUEUE, MessageBody: toQueueBody(notice) }),
        );
      }),
      ...createDrillHandlers({ items, now: Date.now }),
      ...createSelfCheckHandlers(items),
      ...createCompletenessHandlers({ ...alarms, now: Date.now }),
      ...createAlarmHandlers({ ...alarms, advice: readAdvice() }),
      ...createMuteHandlers({ ...alarms, now: Date.now }),
      ...createAcknowledgementHandlers(),
    },
    frontDoor: env,
    writeAudit: (line) => writeLine(JSON.stringify(line)),
    onError: (error) => logger.error('A request failed', error),
  });
  return { logger, operator };
};

let parts: ReturnType<typeof start> | undefined;

/** Answers the operator's requests, of the front door and of the command, which sends them directly. */
export const handler = async (
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> => {
  parts ??= start();
  const { logger, operator } = parts;
  const correlation_id = traceContextOf(event.headers).correlation_id ?? context.awsRequestId;
  logger.appendKeys({ correlation_id });
  const answer = await operator.answer(event);
  return {
    ...answer,
    headers: { ...answer.headers, 'x-correlation-id': correlation_id, 'x-request-id': correlation_id },
  };
};
