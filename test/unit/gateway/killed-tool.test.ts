import { expect, test } from 'vitest';
import { captureLines } from '../../support/captured-lines.ts';
import { gatewayRig } from '../../support/gateway-rig.ts';
import { runInOwnProcess } from '../../support/own-process.ts';

const rig = gatewayRig();
const lines = captureLines();

test('a regular expression that never ends stops only its own process, and the gateway writes the line', {
  timeout: 60_000,
}, async () => {
  rig.replace('regex_search', runInOwnProcess('lambdas/tools/regex-search.ts', 8));
  const client = await rig.client('2026-07-28');
  const call = (text: string) => client.callTool({ name: 'regex_search', arguments: { pattern: '(a+)+$', text } });

  expect((await call('aaa')).structuredContent).toEqual({ total: 1, matches: [{ at: 0, match: 'aaa' }] });
  expect(lines.raw()).toEqual([]);

  const killed = await call(`${'a'.repeat(64)}!`);
  expect(killed.isError).toBe(true);
  expect(lines.records()).toMatchObject([
    { name: 'regex_search', error_code: 'TIMEOUT', fault: 'platform', error_type: 'Sandbox.Timedout', success: false },
  ]);
  await client.close();
});
