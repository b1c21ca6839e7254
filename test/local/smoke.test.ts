import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { CONNECTIONS, type Connection } from '../../lambdas/contract/connections.ts';
import { BREAKAGES, type Breakage } from '../../local/breakages.ts';
import { checkConnections, explainStartFailure } from '../../local/connection-check.ts';
import { removeResource, type TemplateEdit } from '../../local/template-edits.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { PLACE } from '../support/small-cloud.ts';

/**
 * The smoke test at the end of a deployment and the connection check at the end of a local start, for each broken
 * connection.
 */
let template: Awaited<ReturnType<typeof prepareTemplate>>;
const smokeTest = { tool: 'regex_search', arguments: { pattern: 'a', text: 'a' }, timeoutSeconds: 2 };
beforeAll(async () => {
  template = await prepareTemplate({ smokeTest });
});
afterAll(() => template?.clear());

const unchanged: TemplateEdit = () => {};
/**
 * What the deployment's own smoke test finds; the connection check after it finds the rest, and is tested without it.
 */
const FOUND_BY_DEPLOYING = CONNECTIONS.slice(0, CONNECTIONS.indexOf('topic → recipients') + 1);
const withoutSmokeTest = removeResource('Custom::Trigger', 'Smoke');

test('an unchanged template deploys, its only call has no user, and all connections work', async () => {
  await template.withEdit(unchanged, async (cloud, { refusals, losses }) => {
    const lines = cloud.logs.read('/toolwatch/calls').map(({ message }) => JSON.parse(message));
    const calls = lines.filter(({ kind }) => kind === 'tool');
    expect(calls).toMatchObject([{ name: 'regex_search', client_name: 'toolwatch-smoke' }]);
    expect(calls[0].session_id).toBeUndefined();
    // The other lines are of requests of its own, to the gateway and the api.
    expect(lines.filter(({ kind }) => kind !== 'http')).toEqual(calls);
    expect(lines.filter(({ user_id }) => user_id !== undefined)).toEqual([]);
    expect(await checkConnections(cloud, PLACE)).toBe(`All ${CONNECTIONS.length} connections work.`);
    expect([refusals, losses]).toEqual([[], []]);
  });
});

test('without a drill, its connections are not checked', async () => {
  await template.withSettings({ smokeTest: false, drill: false }).withEdit(unchanged, async (cloud) => {
    expect(await checkConnections(cloud, PLACE)).toBe(`All ${CONNECTIONS.length - 5} connections work.`);
  });
});

/** The message with which a start of an edited template ends. */
const finalMessage = async (edit: TemplateEdit): Promise<string> => {
  let message = '';
  try {
    await template.withEdit(edit, async (cloud) => {
      message = await checkConnections(cloud, PLACE);
    });
  } catch (error) {
    message = explainStartFailure(error).message;
  }
  return message.replaceAll(/[0-9a-f-]{36}/g, '…').replaceAll(/(Role)[0-9A-F]{8}/g, '$1');
};

test('every connection can be broken, and each breakage has its own name', () => {
  expect(new Set(BREAKAGES.map(({ connection }) => connection))).toEqual(new Set(CONNECTIONS));
  expect(new Set(BREAKAGES.map(({ name }) => name)).size).toBe(BREAKAGES.length);
});

/** With these broken, the smoke test waits for its timeout; so these tests run at the same time. */
const FOUND_AFTER_TIMEOUT: readonly Connection[] = [
  'tool → log',
  'log → metrics',
  'log → ingest',
  'ingest → store',
  'api → store',
];
const isFoundAfterTimeout = ({ connection }: Breakage) => FOUND_AFTER_TIMEOUT.includes(connection);

describe('a start names the broken connection', () => {
  const checkMessage = async ({ connection, edit, name }: Breakage, { expect }: TestContext) => {
    const message = await finalMessage((resources) => {
      edit(resources);
      if (!FOUND_BY_DEPLOYING.includes(connection)) withoutSmokeTest(resources);
    });
    expect(message.startsWith(`The connection ${connection} is broken: `), message).toBe(true);
    expect(message).toMatchSnapshot(name);
  };
  describe.concurrent('after a timeout', () => {
    for (const breakage of BREAKAGES.filter(isFoundAfterTimeout))
      test(`without ${breakage.removed}`, (context) => checkMessage(breakage, context));
  });
  for (const breakage of BREAKAGES.filter((candidate) => !isFoundAfterTimeout(candidate))) {
    test(`without ${breakage.removed}`, (context) => checkMessage(breakage, context));
  }
});

describe('a rollback', () => {
  const setVersion =
    (version: string, also: TemplateEdit = () => {}): TemplateEdit =>
    (resources) => {
      for (const { Type, Properties } of Object.values(resources)) {
        if (Type !== 'AWS::Lambda::Function' || !Properties.Environment) continue;
        (Properties.Environment as { Variables: Record<string, string> }).Variables.TOOLWATCH_VERSION = version;
      }
      also(resources);
    };
  const broken = BREAKAGES.find(({ name }) => name === 'alarm-topic-action')?.edit ?? unchanged;

  test('to a version that was deployed before succeeds even if a connection is broken', async () => {
    await template.withEdit(setVersion('one'));
    await expect(template.withEdit(setVersion('two', broken))).rejects.toThrow('alarm → topic is broken');
    await template.withEdit(setVersion('one', broken));
  });
});
