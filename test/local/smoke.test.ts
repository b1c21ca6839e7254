import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cut, resource, right, theOne } from '../../local/cut.ts';
import { operatingTable } from '../support/operating-table.ts';

/** The proof that ends a deployment, whole and with each arrow of the picture cut out of the template. */
let table: Awaited<ReturnType<typeof operatingTable>>;
const smokeTest = { tool: 'regex_search', arguments: { pattern: 'a', text: 'a' }, patienceSeconds: 2 };
beforeAll(async () => {
  table = await operatingTable({ smokeTest });
});
afterAll(() => table?.clear());

type Resources = Parameters<Cut>[0];
const failing = (resources: Resources) => theOne(resources, 'AWS::CloudWatch::Alarm', '"tool/regex_search/failing"');

test('whole, a deployment ends well, and its one call belongs to no user', async () => {
  await table.without(
    () => {},
    async (cloud, { refusals, losses }) => {
      expect([refusals, losses]).toEqual([[], []]);
      const lines = cloud.logs.read('/toolwatch/calls').map(({ message }) => JSON.parse(message));
      expect(lines).toMatchObject([{ kind: 'tool', name: 'regex_search', client_name: 'toolwatch-smoke' }]);
      expect(lines[0].user_id ?? lines[0].session_id).toBeUndefined();
    },
  );
});

const cuts: [what: string, cut: Cut, sentence: string][] = [
  [
    'the smoke test’s right to call the gateway',
    right('toolwatch-smoke', 'lambda:InvokeFunction'),
    'client → gateway is broken',
  ],
  [
    'the gateway’s right to call tools',
    right('toolwatch-gateway', 'lambda:InvokeFunction'),
    'gateway → tool is broken: regex_search answers INTERNAL_ERROR',
  ],
  [
    'the tool’s right to write its log',
    right('toolwatch-tool-regex_search', 'logs:PutLogEvents'),
    'tool → log is broken',
  ],
  ['the right to read metrics', right('toolwatch-smoke', 'cloudwatch:GetMetricData'), 'log → metrics is broken'],
  [
    'the permission of the log service',
    resource('AWS::Lambda::Permission'),
    'log → ingest → store is broken: 2 s after the call',
  ],
  [
    'ingest’s right to sign in to the database',
    right('toolwatch-ingest', 'rds-db:connect'),
    'log → ingest → store is broken',
  ],
  ['the api’s right to sign in to the database', right('toolwatch-api', 'rds-db:connect'), 'api → store is broken'],
  [
    'the alarm',
    (resources) => {
      failing(resources).Properties.AlarmName = 'another';
    },
    'metrics → alarm is broken: there is no alarm tool/regex_search/failing',
  ],
  [
    'the alarm’s action',
    (resources) => {
      failing(resources).Properties.AlarmActions = [];
    },
    'alarm → topic is broken: tool/regex_search/failing tells nobody when it fires',
  ],
  [
    'the alarm’s actions being switched on',
    (resources) => {
      failing(resources).Properties.ActionsEnabled = false;
    },
    'alarm → topic is broken: the actions of tool/regex_search/failing are switched off',
  ],
  [
    'whoever subscribes to warnings',
    resource('AWS::SNS::Subscription', 'TopicsWarning'),
    'topic → people is broken: nobody subscribes to',
  ],
];

describe('a deployment fails', () => {
  test.each(cuts)('without %s', async (_, cut, sentence) => {
    await expect(table.without(cut)).rejects.toThrow(`The arrow ${sentence}`);
  });
});

describe('a rollback', () => {
  const withVersion =
    (version: string, also: Cut = () => {}): Cut =>
    (resources) => {
      for (const { Type, Properties } of Object.values(resources)) {
        if (Type !== 'AWS::Lambda::Function' || !Properties.Environment) continue;
        (Properties.Environment as { Variables: Record<string, string> }).Variables.TOOLWATCH_VERSION = version;
      }
      also(resources);
    };
  const broken = resource('AWS::Lambda::Permission');

  test('to a version that was deployed before is let through, broken as it may be', async () => {
    await table.without(withVersion('one'));
    await expect(table.without(withVersion('two', broken))).rejects.toThrow('log → ingest → store is broken');
    await table.without(withVersion('one', broken));
  });
});
