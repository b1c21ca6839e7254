import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { ARROWS, type Arrow } from '../../lambdas/contract/arrows.ts';
import { type Cut, resource } from '../../local/cut.ts';
import { FAULTS, type Fault } from '../../local/faults.ts';
import { explained, prove } from '../../local/proof.ts';
import { operatingTable } from '../support/operating-table.ts';
import { PLACE } from '../support/tiny-cloud.ts';

/** The proof that ends a deployment, and the one that ends a start here: whole, and with each arrow of the picture broken. */
let table: Awaited<ReturnType<typeof operatingTable>>;
const smokeTest = { tool: 'regex_search', arguments: { pattern: 'a', text: 'a' }, patienceSeconds: 2 };
beforeAll(async () => {
  table = await operatingTable({ smokeTest });
});
afterAll(() => table?.clear());

const untouched: Cut = () => {};
/** What the deployment's own proof finds; the rest is found after it, and is looked at here without it. */
const FOUND_BY_DEPLOYING = ARROWS.slice(0, ARROWS.indexOf('topic → people') + 1);
const withoutSmokeTest = resource('Custom::Trigger', 'Smoke');

test('whole, a deployment ends well, its one call belongs to no user, and all arrows carry', async () => {
  await table.without(untouched, async (cloud, { refusals, losses }) => {
    const lines = cloud.logs.read('/toolwatch/calls').map(({ message }) => JSON.parse(message));
    expect(lines).toMatchObject([{ kind: 'tool', name: 'regex_search', client_name: 'toolwatch-smoke' }]);
    expect(lines[0].user_id ?? lines[0].session_id).toBeUndefined();
    expect(await prove(cloud, PLACE)).toBe(`All ${ARROWS.length} arrows carry.`);
    expect([refusals, losses]).toEqual([[], []]);
  });
});

test('where no drill was asked for, its arrows are not missed', async () => {
  await table.under({ smokeTest: false, drill: false }).without(untouched, async (cloud) => {
    expect(await prove(cloud, PLACE)).toBe(`All ${ARROWS.length - 3} arrows carry.`);
  });
});

/** What a start says at its end with something taken out. */
const lastWords = async (cut: Cut): Promise<string> => {
  let words = '';
  try {
    await table.without(cut, async (cloud) => {
      words = await prove(cloud, PLACE);
    });
  } catch (error) {
    words = explained(error).message;
  }
  return words.replaceAll(/[0-9a-f-]{36}/g, '…').replaceAll(/(Role)[0-9A-F]{8}/g, '$1');
};

test('every arrow can be broken, by a key of its own', () => {
  expect(new Set(FAULTS.map(({ arrow }) => arrow))).toEqual(new Set(ARROWS));
  expect(new Set(FAULTS.map(({ key }) => key)).size).toBe(FAULTS.length);
});

/** Of these the proof waits in vain for what the call should leave; so they wait together. */
const WAITED_FOR: readonly Arrow[] = ['tool → log', 'log → metrics', 'log → ingest', 'ingest → store', 'api → store'];
const isWaitedFor = ({ arrow }: Fault) => WAITED_FOR.includes(arrow);

describe('a start says which arrow is broken', () => {
  const says = async ({ arrow, cut, key }: Fault, { expect }: TestContext) => {
    const words = await lastWords((resources) => {
      cut(resources);
      if (!FOUND_BY_DEPLOYING.includes(arrow)) withoutSmokeTest(resources);
    });
    expect(words.startsWith(`The arrow ${arrow} is broken: `), words).toBe(true);
    expect(words).toMatchSnapshot(key);
  };
  describe.concurrent('after it waited', () => {
    for (const fault of FAULTS.filter(isWaitedFor)) test(`without ${fault.takes}`, (context) => says(fault, context));
  });
  for (const fault of FAULTS.filter((one) => !isWaitedFor(one))) {
    test(`without ${fault.takes}`, (context) => says(fault, context));
  }
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
  const broken = FAULTS.find(({ key }) => key === 'alarm-topic-action')?.cut ?? untouched;

  test('to a version that was deployed before is let through, broken as it may be', async () => {
    await table.without(withVersion('one'));
    await expect(table.without(withVersion('two', broken))).rejects.toThrow('alarm → topic is broken');
    await table.without(withVersion('one', broken));
  });
});
