import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { apiEnv } from '../../../lambdas/contract/env/api.ts';
import { drillEnv } from '../../../lambdas/contract/env/drill.ts';
import { readVariables } from '../../../lambdas/contract/env/read-variables.ts';
import { smokeEnv } from '../../../lambdas/contract/env/smoke.ts';
import { parseAs } from '../../../lambdas/contract/parse-as.ts';
import { linesOf } from '../../../lambdas/subscription/envelope.ts';

const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  throw new Error('nothing was thrown');
};

const COMMON = { POWERTOOLS_SERVICE_NAME: 's', TOOLWATCH_ENVIRONMENT: 'e', TOOLWATCH_VERSION: 'v' };

test('each variable that is missing or wrong is named, and no value is quoted', () => {
  const message = messageOf(() => readVariables(apiEnv, { ...COMMON, DATABASE_PORT: 'hunter2', DATABASE_HOST: 'h' }));
  expect(message).toMatch(/^Environment variables: DATABASE_PORT: /);
  for (const name of ['DATABASE_PORT', 'DATABASE_NAME', 'DATABASE_USER', 'DATABASE_CA_FILE', 'TOOLWATCH_TENANTS'])
    expect(message).toContain(`${name}: `);
  expect(message).not.toContain('DATABASE_HOST');
  expect(message).not.toContain('hunter2');
});

test('a variable that must hold JSON is named when it does not, or holds something else', () => {
  const smoke = messageOf(() => readVariables(smokeEnv, { ...COMMON, SMOKE_ARGUMENTS: '{' }));
  expect(smoke).toContain('SMOKE_ARGUMENTS: it is not JSON');
  const drill = { ...COMMON, STATE_TABLE: 't', DRILL_TIMEOUT_SECONDS: '9' };
  expect(messageOf(() => readVariables(drillEnv, { ...drill, DRILLED: '[{"severity":1}]' }))).toMatch(
    /^Environment variables: DRILLED\.0\.severity: /,
  );
  const drilled = [{ severity: 'critical', topic: 't', channels: [] }];
  expect(readVariables(drillEnv, { ...drill, DRILLED: JSON.stringify(drilled) }).DRILLED).toEqual(drilled);
});

test('an event that is none of the log subscription is named with the field', () => {
  expect(messageOf(() => linesOf({ awslogs: {} }))).toMatch(/^The event of the log subscription: awslogs\.data: /);
  const data = gzipSync(JSON.stringify({ messageType: 1 })).toString('base64');
  expect(messageOf(() => linesOf({ awslogs: { data } }))).toMatch(
    /^The payload of the log subscription: messageType: /,
  );
});

test('a value without fields has the subject alone', () => {
  expect(messageOf(() => parseAs(z.object({}), 1, 'tools.json'))).toMatch(/^tools\.json: Invalid input/);
});
