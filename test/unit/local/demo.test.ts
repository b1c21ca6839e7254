import { expect, test } from 'vitest';
import { runDemo } from '../../../local/demo/demo.ts';
import { capturedLines } from '../../support/captured-lines.ts';
import { gatewayRig } from '../../support/gateway-rig.ts';

const rig = gatewayRig();
const lines = capturedLines();

const faults = async (): Promise<unknown[]> => (await (await fetch(rig.shopControlUrl())).json()).failure_modes;

/** Goes off once the broken tool has failed, and is over with the fault. */
const alarmState = async () => {
  const noticed = lines.records().some(({ name, fault }) => name === 'order_status' && fault === 'dependency');
  return noticed && (await faults()).length > 0 ? 'ALARM' : 'OK';
};
const hurry = { calmMs: 300, pollMs: 10, paceFactor: 0.02 };

test('the demo breaks a tool until somebody is paged, mends it, and waits for the all-clear', {
  timeout: 60_000,
}, async () => {
  const said: string[] = [];
  const tallies = await runDemo({
    mcpUrl: rig.url(),
    shopControlUrl: rig.shopControlUrl(),
    signal: new AbortController().signal,
    print: (line) => said.push(line),
    alarmState,
    ...hurry,
  });
  const phases = said.flatMap((line) => /demo \d\/4 {2}(\w+)/.exec(line)?.[1] ?? []);
  expect(phases).toEqual(['calm', 'fault', 'paged', 'over']);

  const records = lines.records();
  expect(records.filter(({ kind }) => kind === 'tool')).toHaveLength(
    [...tallies.values()].reduce((total, { calls }) => total + calls, 0),
  );
  expect(new Set(records.map(({ client_name }) => client_name))).toEqual(
    new Set(['support-desk', 'storefront-assistant', 'analyst-notebook']),
  );
  expect(new Set(records.map(({ fault }) => fault))).toEqual(new Set([undefined, 'caller', 'dependency']));
  expect(await faults()).toEqual([]);
});

test('a demo that is stopped in the middle leaves nothing broken', { timeout: 60_000 }, async () => {
  const stop = new AbortController();
  await runDemo({
    mcpUrl: rig.url(),
    shopControlUrl: rig.shopControlUrl(),
    signal: stop.signal,
    print: (line) => line.includes('2/4') && stop.abort(),
    alarmState: () => 'OK',
    ...hurry,
  });
  expect(await faults()).toEqual([]);
});

test('a demo nobody can connect to says so', async () => {
  const demo = runDemo({
    mcpUrl: 'http://127.0.0.1:9/mcp',
    shopControlUrl: rig.shopControlUrl(),
    signal: new AbortController().signal,
    print: () => {},
    alarmState: () => 'OK',
    calmMs: 5_000,
  });
  await expect(demo).rejects.toThrow();
});
