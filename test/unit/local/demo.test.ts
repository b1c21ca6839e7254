import { expect, test } from 'vitest';
import { runDemo } from '../../../local/demo/demo.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { gatewayRig } from '../../support/gateway-rig.ts';

const rig = gatewayRig();
const lines = captureLines();

const failureModes = async (): Promise<unknown[]> => (await (await fetch(rig.shopControlUrl())).json()).failure_modes;

/** In ALARM once a call of the broken tool was recorded, until the shop is repaired. */
const alarmState = async () => {
  const hasFailed = lines.records().some(({ name, fault }) => name === 'order_status' && fault === 'dependency');
  return hasFailed && (await failureModes()).length > 0 ? 'ALARM' : 'OK';
};
/** Of two channels the second shows the message later. */
const channels = () => {
  let reads = 0;
  return {
    channelCount: 2,
    messagesAbout: ([cause]: readonly string[]) => {
      reads += 1;
      const messages = ['chat', 'pager'].map((channel) => [`as ${channel} shows it`, `  ${cause} fails`]);
      return reads < 3 ? messages.slice(1) : messages;
    },
  };
};
const fast = { calmMs: 300, pollMs: 10, paceFactor: 0.02, ...channels() };

test('the demo breaks a tool until its alarm fires, repairs it, and waits until the alarm is OK', {
  timeout: 60_000,
}, async () => {
  const printed: string[] = [];
  const tallies = await runDemo({
    mcpUrl: rig.url(),
    shopControlUrl: rig.shopControlUrl(),
    signal: new AbortController().signal,
    print: (line) => printed.push(line),
    alarmState,
    ...fast,
  });
  const phases = printed.flatMap((line) => /demo \d\/5 {2}(\w+)/.exec(line)?.[1] ?? []);
  expect(phases).toEqual(['calm', 'failure', 'alarm', 'notified', 'over']);

  for (const channel of ['chat', 'pager']) expect(printed).toContain(`as ${channel} shows it\n  order_status fails\n`);

  const records = lines.records();
  expect(records.filter(({ kind }) => kind === 'tool')).toHaveLength(
    [...tallies.values()].reduce((total, { calls }) => total + calls, 0),
  );
  expect(new Set(records.map(({ client_name }) => client_name))).toEqual(
    new Set(['support-desk', 'storefront-assistant', 'analyst-notebook']),
  );
  expect(new Set(records.map(({ fault }) => fault))).toEqual(new Set([undefined, 'caller', 'dependency']));
  expect(await failureModes()).toEqual([]);
});

test('a demo that is stopped halfway leaves no failure mode in force', { timeout: 60_000 }, async () => {
  const stop = new AbortController();
  await runDemo({
    mcpUrl: rig.url(),
    shopControlUrl: rig.shopControlUrl(),
    signal: stop.signal,
    print: (line) => line.includes('2/5') && stop.abort(),
    alarmState: () => 'OK',
    ...fast,
  });
  expect(await failureModes()).toEqual([]);
});

test('a demo whose clients cannot connect rejects', async () => {
  const demo = runDemo({
    mcpUrl: 'http://127.0.0.1:9/mcp',
    shopControlUrl: rig.shopControlUrl(),
    signal: new AbortController().signal,
    print: () => {},
    alarmState: () => 'OK',
    ...channels(),
    calmMs: 5_000,
  });
  await expect(demo).rejects.toThrow();
});
