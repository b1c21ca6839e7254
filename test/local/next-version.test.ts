import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { RolledBack } from '../../emulator/cloudformation/deploy.ts';
import { allStacks, type Stack } from '../../emulator/cloudformation/template.ts';
import { createDataFolder, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { root } from '../support/source-files.ts';

const settings = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
let folder: string;
let local: LocalRun | undefined;
afterEach(async () => {
  await local?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A run whose settings file can be rewritten. */
const startRun = async (first: object, change: (stacks: Stack[]) => void = () => {}) => {
  folder = createDataFolder();
  const settingsFile = join(folder, 'settings.json');
  const write = (more: object) =>
    writeFileSync(settingsFile, JSON.stringify({ toolwatch: { ...settings.toolwatch, ...more } }));
  write(first);
  local = await startLocalRun({ settingsFile, change });
  return { local, write };
};

const deployedVersions = (started: LocalRun) =>
  started
    .rows('select version from analytics.deployments order by deployment_id')
    .then((rows) => rows.map(({ version }) => version));

test('changed settings are deployed over what runs, and lines have the new version', async () => {
  const { local, write } = await startRun({ version: 'one' });
  const client = await local.client();
  const call = () => client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' } });
  await call();
  write({ version: 'two', alarms: { fleetErrorRate: 0.2 } });
  await local.redeploy();
  await call();
  await client.close();
  await expect
    .poll(() => local.rows("select version from analytics.invocations where name = 'order_status' order by started_at"))
    .toEqual([{ version: 'one' }, { version: 'two' }]);
  expect(await deployedVersions(local)).toEqual(['one', 'two']);
  write({ version: 'three' });
  await local.redeploy();
  expect(readdirSync(join(local.folder, 'cdk.out')).filter((name) => name.startsWith('again-'))).toEqual(['again-2']);
  expect(local.events.refusals).toEqual([]);
});

test('invalid settings are reported, and everything continues to run', async () => {
  const { local, write } = await startRun({ version: 'one' });
  write({ version: 'two', toolSettings: {}, service: 'Tool Watch' });
  await expect(local.redeploy()).rejects.toThrow('Setting service: write 2 to 20 lower-case letters');
  write({ version: 'two', drill: false });
  await expect(local.redeploy()).rejects.toThrow('cannot be changed in place');
  expect(await deployedVersions(local)).toEqual(['one']);
});

// Three deployments, and calls until alarms fire: minutes on a busy machine.
test('a version that fails where the previous one did not gets half of the calls, and is rolled back', {
  timeout: 300_000,
}, async () => {
  const state = { isShopUnreachable: false };
  const rollout = { kind: 'canary', percent: 50, everyMinutes: 20 };
  const { local, write } = await startRun({ version: 'one', rollout }, (stacks) => {
    if (!state.isShopUnreachable) return;
    for (const { Properties } of allStacks(stacks).flatMap(({ template }) => Object.values(template.Resources))) {
      const { Variables } = (Properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
      if (Variables?.SHOP_URL) Variables.SHOP_URL = 'http://127.0.0.1:9';
    }
  });
  const client = await local.client();
  const fails = async (name: string, args: object) => {
    const { isError = false } = await client.callTool({ name, arguments: { ...args } });
    return isError;
  };
  /** Makes this many calls of each of two tools of the shop, eight at a time; resolves to how many failed. */
  const countFailures = async (count: number) => {
    const failures: boolean[] = [];
    for (let made = 0; made < count; made += 4) {
      const round = Array.from({ length: 4 }, () => [
        fails('order_status', { order_id: 'A-1042' }),
        fails('search_products', { query: 'tea' }),
      ]);
      failures.push(...(await Promise.all(round.flat())));
    }
    return failures.filter(Boolean).length;
  };
  expect(await countFailures(4)).toBe(0);

  write({ version: 'two', rollout });
  state.isShopUnreachable = true;
  let isOver = false;
  const ended = local
    .redeploy()
    .catch((error: unknown) => error)
    .finally(() => {
      isOver = true;
    });
  for (const tool of ['order_status', 'search_products']) {
    await expect
      .poll(() => local.events.shifts, { timeout: 60_000 })
      .toContain(`${tool}: version 2 has 50 % of the calls`);
  }
  const failed: number[] = [];
  while (!isOver) {
    failed.push(await countFailures(32));
    local.evaluateAfter(1);
  }
  expect(failed[0]).toBeGreaterThan(10);
  expect(failed[0]).toBeLessThan(54);
  const failure = await ended;
  expect(failure).toBeInstanceOf(RolledBack);
  expect(String(failure)).toMatch(/version 1 of \w+ has all calls again, because \S+( and \S+)* fired/);

  const overAt = new Date();
  await countFailures(8);
  await expect
    .poll(() =>
      local.rows("select version from analytics.invocations where kind = 'tool' and started_at > $1", [overAt]),
    )
    .toHaveLength(16);
  expect(
    await local.rows('select distinct version from analytics.invocations where started_at > $1', [overAt]),
  ).toEqual([{ version: 'one' }]);
  expect(
    await local.rows(
      `select version, bool_or(success) as some_succeeded
       from analytics.invocations where kind = 'tool' group by 1 order by 1`,
    ),
  ).toEqual([
    { version: 'one', some_succeeded: true },
    { version: 'two', some_succeeded: false },
  ]);
  await client.close();
  expect(await deployedVersions(local)).toEqual(['one', 'two', 'one']);
});
