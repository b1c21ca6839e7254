import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditLine } from '../../../lambdas/contract/audit-line.ts';
import { problemOf } from '../../../lambdas/contract/problem.ts';
import { createAcknowledgementHandlers } from '../../../lambdas/operate/acknowledgements.ts';
import { Operator } from '../../../lambdas/operate/operator.ts';
import { serveLambda } from '../../support/lambda-endpoint.ts';
import { root } from '../../support/source-files.ts';

const INCIDENT = 'pipeline/store-down@2026-11-20T12:00:00.000Z';
const audit: AuditLine[] = [];
let status: number;
let lambda: Awaited<ReturnType<typeof serveLambda>>;

beforeAll(async () => {
  const operator = new Operator({
    handlers: createAcknowledgementHandlers() as never,
    frontDoor: { TOOLWATCH_TENANTS: 'off' },
    writeAudit: (line) => audit.push(line),
    onError: () => {},
  });
  lambda = await serveLambda({
    'toolwatch-api': async () => ({ statusCode: status, body: JSON.stringify(problemOf(status, 'It is not there.')) }),
    'toolwatch-operate': (event) => operator.answer(event as never),
  });
});
afterAll(() => lambda?.close());

const acknowledge = async () => {
  const env = {
    ...{ AWS_ENDPOINT_URL: lambda.url, AWS_REGION: 'eu-central-1', AWS_MAX_ATTEMPTS: '1' },
    ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  };
  const child = spawn(process.execPath, [join(root, 'bin/toolwatch.mjs'), 'ack', INCIDENT, '--note', 'I look.'], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stderr, exitCode] = await Promise.all([text(child.stderr), ended]);
  return { exitCode, stderr };
};

test('an incident is acknowledged also while the database does not answer, and one that is none is not', async () => {
  status = 404;
  expect(await acknowledge()).toEqual({ exitCode: 2, stderr: 'It is not there.\n' });
  expect(audit).toEqual([]);
  status = 503;
  expect(await acknowledge()).toEqual({
    exitCode: 0,
    stderr: 'Whether the incident is open is not known: It is not there.\n',
  });
  expect(audit).toMatchObject([{ action: 'incident.acknowledged', target: INCIDENT, reason: 'I look.' }]);
});
