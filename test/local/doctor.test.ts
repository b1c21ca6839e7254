import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { buildApiRequest } from '../../lambdas/contract/direct-request.ts';
import type { StoreReport } from '../../lambdas/contract/reports.ts';
import { findResource, removeResource, type TemplateEdit } from '../../local/template-edits.ts';
import { type Alarm, alarmFindings } from '../../operate/doctor/alarms.ts';
import type { Examined } from '../../operate/doctor/doctor.ts';
import { storeFindings } from '../../operate/doctor/store.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { root } from '../support/source-files.ts';

const OPERATOR = { person: 'operator' };
let table: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  table = await prepareTemplate();
});
afterAll(() => table?.clear());

/** Runs the command as a person would, against the running cloud. */
const doctor = async (cloud: Cloud, key = 'operator'): Promise<Examined & { status: number }> => {
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: key,
    AWS_SECRET_ACCESS_KEY: key,
  };
  const command = ['--import', 'tsx', join(root, 'bin/doctor.ts'), '--json'];
  const { code, stdout } = await promisify(execFile)(process.execPath, command, { env, cwd: root }).then(
    ({ stdout: said }) => ({ code: 0, stdout: said }),
    (error: { code: number; stdout: string }) => error,
  );
  return { ...JSON.parse(stdout), status: code };
};

const refreshed = (cloud: Cloud) =>
  cloud.lambda.invoke({ principal: OPERATOR, function: 'toolwatch-refresh', event: '{}' });

const asSuperuser = async (text: string): Promise<void> => {
  const client = new pg.Client({ connectionString: table.databaseUrl });
  await client.connect();
  await client.query(text).finally(() => client.end());
};

const nothing: TemplateEdit = () => {};
const quietCut: TemplateEdit = (resources) => {
  findResource(resources, 'AWS::CloudWatch::Alarm', '"tool/order_status/failing"').Properties.ActionsEnabled = false;
  findResource(resources, 'AWS::CloudWatch::Alarm', '"tool/order_status/slow"').Properties.AlarmName = 'renamed';
  const tool = findResource(resources, 'AWS::Lambda::Function', '"toolwatch-tool-csv_profile"');
  (tool.Properties.LoggingConfig as Record<string, string>).ApplicationLogLevel = 'WARN';
  removeResource('AWS::Logs::SubscriptionFilter')(resources);
  removeResource('AWS::SNS::Subscription', 'TopicsWarning')(resources);
};

describe('the store’s report', () => {
  const DAY_MS = 86_400_000;
  const now = Date.parse('2026-11-21T00:00:00Z');
  const well: StoreReport = {
    refreshed_at: new Date(now).toISOString(),
    age_seconds: 60,
    indexes: [{ name: 'one', valid: true }],
    days_ahead: 14,
    undated_bytes: 0,
    waiting_batches: 0,
    certificate_until: new Date(now + 31 * DAY_MS).toISOString(),
  };

  test.each<[string, Partial<StoreReport>, string[]]>([
    ['is well', {}, []],
    [
      'has a certificate that is soon over',
      { certificate_until: new Date(now + 29 * DAY_MS).toISOString() },
      ["The database's certificate expires on 2026-12-20."],
    ],
    [
      'has one that is over',
      { certificate_until: new Date(now - DAY_MS).toISOString() },
      ["The database's certificate expired on 2026-11-20."],
    ],
    [
      'has an index that is not whole',
      { indexes: [{ name: 'one', valid: false }] },
      ['The index one is invalid: it is maintained but not used.'],
    ],
    ['was never refreshed', { age_seconds: null, refreshed_at: null }, ['The roll-ups were never refreshed.']],
    ['is out of days', { days_ahead: 2 }, ['There are partitions for only 2 coming days.']],
  ])('%s', (_, given, expected) => {
    expect(storeFindings({ ...well, ...given }, ['one'], now).map(({ what }) => what)).toEqual(expected);
  });
});

describe('an alarm', () => {
  const now = new Date('2026-11-21T00:00:00Z');
  const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
  const well: Alarm = { AlarmName: 'tool/x/slow', ActionsEnabled: true, StateValue: 'OK', StateUpdatedTimestamp: now };

  test.each<[string, Partial<Alarm>, string[]]>([
    ['is well', {}, []],
    ['is well, and has been for long', { StateUpdatedTimestamp: daysAgo(90) }, []],
    ['still warms up', { StateValue: 'INSUFFICIENT_DATA', StateUpdatedTimestamp: daysAgo(2) }, []],
    [
      'was never judged',
      { StateValue: 'INSUFFICIENT_DATA', StateUpdatedTimestamp: daysAgo(4) },
      ['CloudWatch cannot evaluate tool/x/slow: INSUFFICIENT_DATA for 4 days.'],
    ],
    [
      'cannot be worked out',
      { EvaluationState: 'EVALUATION_ERROR', StateReason: 'Unsupported operand' },
      ['CloudWatch cannot evaluate tool/x/slow: EVALUATION_ERROR, Unsupported operand.'],
    ],
    ['is silenced', { ActionsEnabled: false }, ['The actions of tool/x/slow are switched off.']],
  ])('%s', (_, given, expected) => {
    expect(alarmFindings({ ...well, ...given }, now.getTime()).map(({ what }) => what)).toEqual(expected);
  });
});

describe('npm run doctor', () => {
  test('finds nothing in a deployment that is whole, and says what a stranger was not let to ask', async () => {
    await table.without(nothing, async (cloud) => {
      await refreshed(cloud);
      expect(await doctor(cloud)).toEqual({ findings: [], unanswered: [], status: 0 });
      const event = JSON.stringify(buildApiRequest('/v1/store', '', 'test', undefined));
      const { payload } = await cloud.lambda.invoke({ principal: OPERATOR, function: 'toolwatch-api', event });
      const { certificate_until } = JSON.parse(JSON.parse(payload).body);
      expect(Date.parse(certificate_until)).toBeGreaterThan(Date.now());
      const { status, unanswered } = await doctor(cloud, 'nobody');
      expect(status).toBe(2);
      expect(unanswered).toContainEqual({ title: 'recipients', why: expect.stringContaining('security token') });
    });
  });

  test('names each thing that is missing, and what to do', async () => {
    await table.without(quietCut, async (cloud) => {
      await refreshed(cloud);
      await asSuperuser('drop index rollup.tenant_hour_beside_tools');
      const bucket = cloud.s3.buckets().find((name) => name.includes('kept')) ?? '';
      cloud.s3.put(OPERATOR, bucket, 'one', '{}');
      const { findings, unanswered, status } = await doctor(cloud);
      expect([status, unanswered]).toEqual([1, []]);
      const said = findings.map(({ what }) => what);
      expect(said).toEqual([
        'The actions of tool/order_status/failing are switched off.',
        'There is no alarm tool/order_status/slow.',
        expect.stringMatching(/^The topic .*[Ww]arning.* has no confirmed recipient\.$/),
        'No subscription hands the lines of /toolwatch/calls to toolwatch-ingest: no call reaches the store.',
        'toolwatch-tool-csv_profile logs at WARN: the lines of its successful calls are lost.',
        `Payloads that could not be stored are in ${bucket}: 1.`,
        'The index tenant_hour_beside_tools is missing.',
      ]);
      for (const { remedy } of findings) expect(remedy).not.toBe('');
      await asSuperuser(
        "create index tenant_hour_beside_tools on rollup.tenant_hour (kind, bucket) where kind <> 'tool'",
      );
    });
  });
});
