import { Logger } from '@aws-lambda-powertools/logger';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { checksEnv } from '../contract/env/checks.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { type CheckResult, runChecks } from './run-checks.ts';

const start = () => {
  const env = readVariables(checksEnv);
  const logger = new Logger({ serviceName: env.POWERTOOLS_SERVICE_NAME });
  const onUnknown = (check: string, why: unknown) =>
    logger.warn('A check cannot tell', { check, ...(why instanceof Error ? { error: why } : { why }) });
  return { checks: env.CHECKS, parts: { cloudwatch: new CloudWatchClient(), onUnknown } };
};

let started: ReturnType<typeof start> | undefined;

/** Runs on a schedule: runs every check of the settings, and writes a line for each. */
export const handler = async (): Promise<CheckResult[]> => {
  started ??= start();
  return runChecks(started.checks, started.parts);
};
