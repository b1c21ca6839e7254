import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { IncidentReport } from '../../../lambdas/contract/api/incidents.ts';
import type { AuditLine } from '../../../lambdas/contract/audit-line.ts';
import { problemOf } from '../../../lambdas/contract/problem.ts';
import { createAcknowledgementHandlers } from '../../../lambdas/operate/acknowledgements.ts';
import { Operator } from '../../../lambdas/operate/operator.ts';
import { serveLambda } from '../../support/lambda-endpoint.ts';
import { root } from '../../support/source-files.ts';

const INCIDENT = `pipeline/store-down@${new Date(Date.now() - 10 * 60_000).toISOString()}`;
const OLD = 'pipeline/store-down@2026-01-20T12:00:00.000Z';
const REPORT: IncidentReport = {
  incident: {
    ...{
      incident_id: INCIDENT,
      cause: 'pipeline/store-down',
      state: 'over',
      severity: 'critical',
      title: 'It is down',
    },
    ...{ began_at: '2026-11-20T12:00:00.000Z', ended_at: '2026-11-20T12:10:00.000Z', duration_seconds: 600 },
    ...{ messages: 1, times_reopened: 0, members: ['pipeline/store-down'], tool: null, alarm: 'pipeline/store-down' },
    ...{ runbook: 'pipeline/store-down', calls: null, bad_calls: null, users: null, peak_pct: null },
    ...{ version_at_end: null, acknowledged: null },
  },
  ...{ messages: [], deliveries: [], deployments: [], changes: [] },
  history: {
    ...{ seen_before: 0, last_began_at: null, last_state: null, last_duration_seconds: null },
    ...{ last_version_at_end: null, deployed_version: null, deployed_at: null },
  },
};
const audit: AuditLine[] = [];
let status: number;
let answer: object;
let lambda: Awaited<ReturnType<typeof serveLambda>>;

beforeAll(async () => {
  const operator = new Operator({
    handlers: createAcknowledgementHandlers() as never,
    frontDoor: { TOOLWATCH_TENANTS: 'off' },
    writeAudit: (line) => audit.push(line),
    onError: () => {},
  });
  lambda = await serveLambda({
    'toolwatch-api': async () => ({ statusCode: status, body: JSON.stringify(answer) }),
    'toolwatch-operate': (event) => operator.answer(event as never),
  });
});
afterAll(() => lambda?.close());

const acknowledge = async (incident = INCIDENT) => {
  const env = {
    ...{ AWS_ENDPOINT_URL: lambda.url, AWS_REGION: 'eu-central-1', AWS_MAX_ATTEMPTS: '1' },
    ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  };
  const child = spawn(process.execPath, [join(root, 'bin/toolwatch.mjs'), 'ack', incident, '--note', 'I look.'], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stderr, exitCode] = await Promise.all([text(child.stderr), ended]);
  return { exitCode, stderr };
};

beforeEach(() => audit.splice(0));

const refuseWith = (given: number) => {
  status = given;
  answer = problemOf(given, 'It is not there.');
};

test.each([404, 429, 503])('an incident is acknowledged also while the api answers %i about it', async (given) => {
  refuseWith(given);
  expect(await acknowledge()).toEqual({
    exitCode: 0,
    stderr: 'Whether the incident is open is not known: It is not there.\n',
  });
  expect(audit).toMatchObject([{ action: 'incident.acknowledged', target: INCIDENT, reason: 'I look.' }]);
});

test('an incident that began long ago, and is unknown to the api, is acknowledged by nobody', async () => {
  refuseWith(404);
  expect(await acknowledge(OLD)).toEqual({ exitCode: 2, stderr: 'It is not there.\n' });
  expect(audit).toEqual([]);
});

test('a request that the api refuses acknowledges nothing', async () => {
  refuseWith(403);
  expect(await acknowledge()).toEqual({ exitCode: 2, stderr: 'It is not there.\n' });
  expect(audit).toEqual([]);
});

test('an incident that has ended is refused', async () => {
  status = 200;
  answer = REPORT;
  const stderr = `${INCIDENT} ended at ${REPORT.incident.ended_at}.\n`;
  expect(await acknowledge()).toEqual({ exitCode: 2, stderr });
  expect(audit).toEqual([]);
});
