import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { CONNECTIONS, type Connection } from '../../lambdas/contract/connections.ts';
import { BREAKAGES, type Breakage } from '../../local/breakages.ts';
import { checkConnections, explainStartFailure } from '../../local/connection-check.ts';
import { removeResource, type TemplateEdit } from '../../local/template-edits.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { PLACE } from '../support/small-cloud.ts';

/** The proof that ends a deployment, and the one that ends a start here: whole, and with each arrow of the picture broken. */
let table: Awaited<ReturnType<typeof prepareTemplate>>;
const smokeTest = { tool: 'regex_search', arguments: { pattern: 'a', text: 'a' }, patienceSeconds: 2 };
beforeAll(async () => {
  table = await prepareTemplate({ smokeTest });
});
afterAll(() => table?.clear());

const untouched: TemplateEdit = () => {};
/** What the deployment's own proof finds; the rest is found after it, and is looked at here without it. */
const FOUND_BY_DEPLOYING = CONNECTIONS.slice(0, CONNECTIONS.indexOf('topic → people') + 1);
const withoutSmokeTest = removeResource('Custom::Trigger', 'Smoke');

test('whole, a deployment ends well, its one call belongs to no user, and all arrows carry', async () => {
  await table.without(untouched, async (cloud, { refusals, losses }) => {
    const lines = cloud.logs.read('/toolwatch/calls').map(({ message }) => JSON.parse(message));
    expect(lines).toMatchObject([{ kind: 'tool', name: 'regex_search', client_name: 'toolwatch-smoke' }]);
    expect(lines[0].user_id ?? lines[0].session_id).toBeUndefined();
    expect(await checkConnections(cloud, PLACE)).toBe(`All ${CONNECTIONS.length} arrows carry.`);
    expect([refusals, losses]).toEqual([[], []]);
  });
});

test('where no drill was asked for, its arrows are not missed', async () => {
  await table.under({ smokeTest: false, drill: false }).without(untouched, async (cloud) => {
    expect(await checkConnections(cloud, PLACE)).toBe(`All ${CONNECTIONS.length - 3} arrows carry.`);
  });
});

/** What a start says at its end with something taken out. */
const lastWords = async (cut: TemplateEdit): Promise<string> => {
  let words = '';
  try {
    await table.without(cut, async (cloud) => {
      words = await checkConnections(cloud, PLACE);
    });
  } catch (error) {
    words = explainStartFailure(error).message;
  }
  return words.replaceAll(/[0-9a-f-]{36}/g, '…').replaceAll(/(Role)[0-9A-F]{8}/g, '$1');
};

test('every arrow can be broken, by a key of its own', () => {
  expect(new Set(BREAKAGES.map(({ connection: arrow }) => arrow))).toEqual(new Set(CONNECTIONS));
  expect(new Set(BREAKAGES.map(({ name }) => name)).size).toBe(BREAKAGES.length);
});

/** Of these the proof waits in vain for what the call should leave; so they wait together. */
const WAITED_FOR: readonly Connection[] = [
  'tool → log',
  'log → metrics',
  'log → ingest',
  'ingest → store',
  'api → store',
];
const isWaitedFor = ({ connection: arrow }: Breakage) => WAITED_FOR.includes(arrow);

describe('a start says which arrow is broken', () => {
  const says = async ({ connection: arrow, edit: cut, name }: Breakage, { expect }: TestContext) => {
    const words = await lastWords((resources) => {
      cut(resources);
      if (!FOUND_BY_DEPLOYING.includes(arrow)) withoutSmokeTest(resources);
    });
    expect(words.startsWith(`The arrow ${arrow} is broken: `), words).toBe(true);
    expect(words).toMatchSnapshot(name);
  };
  describe.concurrent('after it waited', () => {
    for (const fault of BREAKAGES.filter(isWaitedFor))
      test(`without ${fault.removed}`, (context) => says(fault, context));
  });
  for (const fault of BREAKAGES.filter((one) => !isWaitedFor(one))) {
    test(`without ${fault.removed}`, (context) => says(fault, context));
  }
});

describe('a rollback', () => {
  const withVersion =
    (version: string, also: TemplateEdit = () => {}): TemplateEdit =>
    (resources) => {
      for (const { Type, Properties } of Object.values(resources)) {
        if (Type !== 'AWS::Lambda::Function' || !Properties.Environment) continue;
        (Properties.Environment as { Variables: Record<string, string> }).Variables.TOOLWATCH_VERSION = version;
      }
      also(resources);
    };
  const broken = BREAKAGES.find(({ name }) => name === 'alarm-topic-action')?.edit ?? untouched;

  test('to a version that was deployed before is let through, broken as it may be', async () => {
    await table.without(withVersion('one'));
    await expect(table.without(withVersion('two', broken))).rejects.toThrow('alarm → topic is broken');
    await table.without(withVersion('one', broken));
  });
});
