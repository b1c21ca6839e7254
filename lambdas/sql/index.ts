import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { readVariables } from '../contract/env/read-variables.ts';
import { type SqlEnv, sqlEnv } from '../contract/env/sql.ts';
import { describeIssues } from '../contract/parse-as.ts';
import { type SqlAnswer, sqlRequest } from '../contract/sql.ts';
import { configurationOf } from '../database/configuration.ts';
import { redactText } from '../observe/privacy/redact.ts';
import { runStatement } from './run-statement.ts';

interface Parts {
  env: SqlEnv;
  logger: Logger;
}

let parts: Parts | undefined;

const start = (): Parts => {
  const env = readVariables(sqlEnv);
  return { env, logger: new Logger({ serviceName: env.POWERTOOLS_SERVICE_NAME }) };
};

const describe = (answer: SqlAnswer) =>
  'error' in answer
    ? { outcome: 'refused', error: redactText(answer.error.message), code: answer.error.code }
    : { outcome: 'answered', rows: answer.rows.length, all_rows: answer.left_off === null };

/**
 * Runs a person's statement that reads. Whoever may invoke this function may read: the calls of every tenant, or of the
 * tenant that is named. Writes a line of who asks for what before the statement runs, and one of how it ended. Throws
 * when the database cannot be reached.
 */
export const handler = async (event: unknown, context: Context): Promise<SqlAnswer> => {
  parts ??= start();
  const { env, logger } = parts;
  const request = sqlRequest.safeParse(event);
  if (!request.success) return { error: { message: `The request is wrong: ${describeIssues(request.error)}` } };
  const { statement, tenant, rows, asked_by = 'unknown' } = request.data;
  const about = { request_id: context.awsRequestId, asked_by, scope: tenant === undefined ? 'operator' : 'tenant' };
  logger.info('A statement is asked', {
    ...about,
    ...(tenant !== undefined && { tenant_id: tenant }),
    statement: redactText(statement),
  });

  const startedAt = performance.now();
  const user = tenant === undefined ? env.DATABASE_USER : env.DATABASE_TENANT_USER;
  const answer = await runStatement(configurationOf({ ...env, DATABASE_USER: user }), { statement, tenant, rows });
  logger.info('A statement has ended', {
    ...about,
    ...describe(answer),
    duration_ms: Math.round(performance.now() - startedAt),
  });
  return answer;
};
