import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { buildApiRequest } from '../../lambdas/contract/direct-request.ts';
import { EMITTED_METRICS } from '../../lambdas/contract/emitted-metrics.ts';
import { CALL_METRICS, NAMESPACE } from '../../lambdas/contract/metrics.ts';
import type { StoreReport } from '../../lambdas/contract/reports.ts';
import { findResource, removeResource, type TemplateEdit } from '../../local/template-edits.ts';
import { type Alarm, alarmFindings } from '../../operate/doctor/alarms.ts';
import type { Examined } from '../../operate/doctor/doctor.ts';
import { type ListedMetric, metricFindings, metricsOfAlarm, type ReadMetric } from '../../operate/doctor/metrics.ts';
import { storeFindings } from '../../operate/doctor/store.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { root } from '../support/source-files.ts';
import { bucketNamed, invoke, toolCall } from '../support/through-cloud.ts';

const OPERATOR = { person: 'operator' };
let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  template = await prepareTemplate();
});
afterAll(() => template?.clear());

/** Runs the command, as an operator would, against the running cloud. */
const runDoctor = async (cloud: Cloud, key = 'operator'): Promise<Examined & { status: number }> => {
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: key,
    AWS_SECRET_ACCESS_KEY: key,
  };
  const command = [join(root, 'bin/toolwatch.mjs'), 'doctor', '--json'];
  const { code, stdout } = await promisify(execFile)(process.execPath, command, { env, cwd: root }).then(
    ({ stdout: output }) => ({ code: 0, stdout: output }),
    (error: { code: number; stdout: string }) => error,
  );
  return { ...JSON.parse(stdout), status: code };
};

const refresh = (cloud: Cloud) =>
  cloud.lambda.invoke({ principal: OPERATOR, function: 'toolwatch-refresh', event: '{}' });

const asSuperuser = async (text: string): Promise<void> => {
  const client = new pg.Client({ connectionString: template.databaseUrl });
  await client.connect();
  await client.query(text).finally(() => client.end());
};

const unchanged: TemplateEdit = () => {};
const removeWhatDoctorFinds: TemplateEdit = (resources) => {
  findResource(resources, 'AWS::CloudWatch::Alarm', '"tool/order_status/failing"').Properties.ActionsEnabled = false;
  findResource(resources, 'AWS::CloudWatch::Alarm', '"tool/order_status/slow"').Properties.AlarmName = 'renamed';
  const tool = findResource(resources, 'AWS::Lambda::Function', '"toolwatch-tool-csv_profile"');
  (tool.Properties.LoggingConfig as Record<string, string>).ApplicationLogLevel = 'WARN';
  removeResource('AWS::Logs::SubscriptionFilter', 'IngestFilter')(resources);
  removeResource('AWS::SNS::Subscription', 'TopicsWarning')(resources);
};

describe('the findings about a store that', () => {
  const DAY_MS = 86_400_000;
  const now = Date.parse('2026-11-21T00:00:00Z');
  const healthy: StoreReport = {
    refreshed_at: new Date(now).toISOString(),
    age_seconds: 60,
    indexes: [{ name: 'one', valid: true }],
    days_ahead: 14,
    undated_bytes: 0,
    waiting_batches: 0,
    certificate_until: new Date(now + 31 * DAY_MS).toISOString(),
  };

  test.each<[string, Partial<StoreReport>, string[]]>([
    ['is healthy', {}, []],
    [
      'has a certificate that expires soon',
      { certificate_until: new Date(now + 29 * DAY_MS).toISOString() },
      ["The database's certificate expires on 2026-12-20."],
    ],
    [
      'has an expired certificate',
      { certificate_until: new Date(now - DAY_MS).toISOString() },
      ["The database's certificate expired on 2026-11-20."],
    ],
    [
      'has an invalid index',
      { indexes: [{ name: 'one', valid: false }] },
      ['The index one is invalid: it is maintained but not used.'],
    ],
    ['was never refreshed', { age_seconds: null, refreshed_at: null }, ['The roll-ups were never refreshed.']],
    ['has too few partitions ahead', { days_ahead: 2 }, ['There are partitions for only 2 coming days.']],
  ])('%s', (_, given, expected) => {
    expect(storeFindings({ ...healthy, ...given }, ['one'], now).map(({ what }) => what)).toEqual(expected);
  });
});

describe('the findings about an alarm that', () => {
  const now = new Date('2026-11-21T00:00:00Z');
  const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
  const healthy: Alarm = {
    AlarmName: 'tool/x/slow',
    StateValue: 'OK',
    StateUpdatedTimestamp: now,
  };

  test.each<[string, Partial<Alarm>, string[]]>([
    ['is healthy', {}, []],
    ['has been healthy for months', { StateUpdatedTimestamp: daysAgo(90) }, []],
    ['is still warming up', { StateValue: 'INSUFFICIENT_DATA', StateUpdatedTimestamp: daysAgo(2) }, []],
    [
      'was never evaluated',
      { StateValue: 'INSUFFICIENT_DATA', StateUpdatedTimestamp: daysAgo(4) },
      ['CloudWatch cannot evaluate tool/x/slow: INSUFFICIENT_DATA for 4 days.'],
    ],
    [
      'cannot be evaluated',
      { EvaluationState: 'EVALUATION_ERROR', StateReason: 'Unsupported operand' },
      ['CloudWatch cannot evaluate tool/x/slow: EVALUATION_ERROR, Unsupported operand.'],
    ],
  ])('%s', (_, given, expected) => {
    expect(alarmFindings({ ...healthy, ...given }, now.getTime()).map(({ what }) => what)).toEqual(expected);
  });
});

describe('the findings about a metric that an alarm reads', () => {
  const NOW = Date.parse('2026-11-21T00:00:00Z');
  const writers = { service: 'shop', tools: [{ name: 'pay', provider: 'bank' }] };
  const error: ReadMetric = {
    alarm: 'tool/pay/failing',
    namespace: NAMESPACE,
    name: CALL_METRICS.error,
    dimensions: { service: 'shop', tool: 'pay' },
    dimensionNames: ['service', 'tool'],
    alarmSince: NOW - 86_400_000,
  };
  const written = (more: Record<string, string> = {}) => ({ ...error, dimensions: { ...error.dimensions, ...more } });
  const found = (read: ReadMetric, listed: ListedMetric[] = [], ran = 'shop-tool-pay') =>
    metricFindings(read, { listed, runs: new Map([[ran, 5]]), writers, now: NOW }).map(({ what }) => what);
  const NEVER = 'tool/pay/failing reads nothing: shop-tool-pay ran but wrote no';
  const EXCEPTION = 'which calls that fail by their caller’s fault leave out';

  test.each<[string, string[], string[]]>([
    ['is written', found(error, [written()]), []],
    [
      'was never written although its tool ran',
      found(error),
      [`${NEVER} Toolwatch error of service shop, tool pay, ${EXCEPTION}.`],
    ],
    ['belongs to a tool that never ran', found(error, [], 'shop-tool-refund'), []],
    [
      'is written by one dimension more',
      found(error, [written({ version: '1' })]),
      [
        'tool/pay/failing reads nothing: Toolwatch error of service shop, tool pay is written by service and tool and ' +
          'version.',
      ],
    ],
    ['is written only on trouble', found({ ...error, name: 'ingest_rejects', dimensions: { service: 'shop' } }), []],
    [
      'belongs to a provider whose tool ran',
      found({ ...error, name: 'dependency_error', dimensions: { service: 'shop', provider: 'bank' } }),
      [`${NEVER} Toolwatch dependency_error of service shop, provider bank, ${EXCEPTION}.`],
    ],
    ['a query selects', found({ ...error, dimensions: { service: 'shop' } }, [written()]), []],
    [
      'a stage writes with each run',
      found({ ...error, name: 'completeness_pct', dimensions: { service: 'shop' } }, [], 'shop-completeness'),
      [
        'tool/pay/failing reads nothing: shop-completeness ran but wrote no ' +
          'Toolwatch completeness_pct of service shop.',
      ],
    ],
    [
      'AWS always writes',
      found({ ...error, namespace: 'AWS/RDS', name: 'FreeStorageSpace', dimensions: { DBInstanceIdentifier: 'Shop' } }),
      ['tool/pay/failing reads nothing: AWS has written no AWS/RDS FreeStorageSpace of DBInstanceIdentifier Shop.'],
    ],
    [
      'AWS always writes, of an alarm that was just deployed',
      found({ ...error, namespace: 'AWS/RDS', name: 'FreeStorageSpace', alarmSince: NOW - 60_000 }),
      [],
    ],
    [
      'AWS writes when a function is called',
      found({ ...error, namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'shop-tool-pay' } }),
      [`${NEVER} AWS/Lambda Errors of FunctionName shop-tool-pay.`],
    ],
  ])('which %s', (_, findings, expected) => {
    expect(findings).toEqual(expected);
  });

  test('are about each metric of an expression and of a query', () => {
    const names = metricsOfAlarm({
      AlarmName: 'x',
      Metrics: [
        { Id: 'a', MetricStat: { Metric: { Namespace: NAMESPACE, MetricName: 'error' }, Period: 60, Stat: 'Sum' } },
        { Id: 'b', Expression: `SELECT AVG(slow) FROM SCHEMA("${NAMESPACE}", service, tool) WHERE service = 'shop'` },
        { Id: 'c', Expression: 'a / 2' },
      ],
    }).map(({ name, dimensions, dimensionNames }) => [name, dimensions, dimensionNames]);
    expect(names).toEqual([
      ['error', {}, []],
      ['slow', { service: 'shop' }, ['service', 'tool']],
    ]);
  });
});

/** Calls a tool, also as if three hours ago: CloudWatch lists metrics of then by now. */
const profileCsv = async (cloud: Cloud) => {
  await invoke(cloud, 'gateway', toolCall('csv_profile', { csv: 'a,b\n1,2' }));
  const invocations = { namespace: 'AWS/Lambda', name: 'Invocations' };
  const threeHoursAgo = Date.now() - 3 * 3_600_000;
  cloud.metrics.put({ ...invocations, dimensions: { FunctionName: 'toolwatch-tool-csv_profile' } }, 1, threeHoursAgo);
};

describe('npm run doctor', () => {
  test('finds nothing missing in a complete deployment, and says what unknown keys could not check', async () => {
    await template.withEdit(unchanged, async (cloud) => {
      await refresh(cloud);
      await profileCsv(cloud);
      expect(await runDoctor(cloud)).toEqual({ findings: [], unanswered: [], status: 0 });
      const ours = cloud.metrics.list().filter(({ namespace }) => namespace === NAMESPACE);
      expect(ours.length).toBeGreaterThan(0);
      for (const { name, dimensions } of ours)
        expect([name, Object.keys(dimensions).sort()]).toEqual([
          name,
          [...(EMITTED_METRICS.find((metric) => metric.name === name)?.dimensions ?? [])].sort(),
        ]);
      const event = JSON.stringify(buildApiRequest('/v1/store', '', 'test', undefined));
      const { payload } = await cloud.lambda.invoke({ principal: OPERATOR, function: 'toolwatch-api', event });
      const { certificate_until } = JSON.parse(JSON.parse(payload).body);
      expect(Date.parse(certificate_until)).toBeGreaterThan(Date.now());
      const { status, unanswered } = await runDoctor(cloud, 'nobody');
      expect(status).toBe(2);
      expect(unanswered).toContainEqual({ title: 'recipients', why: expect.stringContaining('security token') });
    });
  });

  test('names each thing that is missing, and the remedy', async () => {
    await template.withEdit(removeWhatDoctorFinds, async (cloud) => {
      await refresh(cloud);
      await asSuperuser('drop index rollup.tenant_hour_beside_tools');
      const bucket = bucketNamed(cloud, 'keptpayloads');
      cloud.s3.put(OPERATOR, bucket, 'one', '{}');
      await profileCsv(cloud);
      const { findings, unanswered, status } = await runDoctor(cloud);
      expect([status, unanswered]).toEqual([1, []]);
      const found = findings.map(({ what }) => what);
      expect(found).toEqual([
        'There is no alarm tool/order_status/slow.',
        expect.stringMatching(/^tool\/csv_profile\/failing reads nothing: toolwatch-tool-csv_profile ran but wrote no/),
        expect.stringMatching(/^tool\/csv_profile\/slow reads nothing: .* ran but wrote no Toolwatch duration_ms/),
        'No subscription hands the lines of /toolwatch/calls to toolwatch-ingest: they do not reach the store.',
        'The actions of the alarm tool/order_status/failing are switched off: it notifies nobody.',
        'No confirmed recipient gets warning notifications of alarms.',
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
