import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AWS_TIMEOUTS } from '../contract/aws-timeouts.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { reportEnv } from '../contract/env/report.ts';
import { toQueueBody } from '../contract/notices/queue-body.ts';
import { type AskAsOperator, readWeek } from '../monitoring/read-week.ts';
import { ToolError } from '../observe/failure/tool-error.ts';
import { queryApiAsOperator } from '../telemetry/query-api-as-operator.ts';
import { buildReport } from './build-report.ts';

/** Asks one function; an error names it, because two are asked. */
const askOf =
  (functionName: string, correlationId: string): AskAsOperator =>
  async (question) => {
    try {
      return await queryApiAsOperator({ ...question, functionName, correlationId });
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      const reason = error.cause instanceof Error ? error.cause.message : error.type;
      throw new Error(`${functionName} did not answer ${question.path}: ${reason}`, { cause: error });
    }
  };

/**
 * Runs once a week, and whenever somebody invokes it: reads everything that a report says of the last seven days, and hands
 * it to the notifier, which notifies people of one report in each week. Rejects when anything cannot be read or the report
 * is not taken; nothing of it has been sent then.
 */
export const handler = async (): Promise<{ week: string; title: string }> => {
  const env = readVariables(reportEnv);
  const correlationId = randomUUID();
  const week = await readWeek({
    api: askOf(env.API_FUNCTION, correlationId),
    operate: askOf(env.OPERATE_FUNCTION, correlationId),
  });
  const report = buildReport(week, {
    id: randomUUID(),
    now: Date.now(),
    timeZone: env.TIME_ZONE,
    mailed: env.MAILED === 'yes',
  });
  // By the address of the region, which the queue's own address need not be below.
  const sqs = new SQSClient({ ...AWS_TIMEOUTS, useQueueUrlAsEndpoint: false });
  await sqs.send(new SendMessageCommand({ QueueUrl: env.CUSTOM_NOTICES_QUEUE, MessageBody: toQueueBody(report) }));
  new Logger({ serviceName: env.POWERTOOLS_SERVICE_NAME }).info('The notifier has the report', {
    week: report.week,
    id: report.id,
  });
  return { week: report.week, title: report.title };
};
