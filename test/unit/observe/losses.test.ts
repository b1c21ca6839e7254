import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { expect, test } from 'vitest';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
const tool = defineTool(toolFacts()).run(() => ({ degrees: 1 }));
const call = () => tool({ city: 'x' }, aContext());
const dropped = () => lines.raw().map((line) => JSON.parse(line).telemetry_dropped);

/** Runs `work` while every write to stdout fails. */
const withBrokenStdout = async (work: () => Promise<unknown>) => {
  const working = fs.writeSync;
  fs.writeSync = () => {
    throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  syncBuiltinESMExports();
  await work();
  fs.writeSync = working;
  syncBuiltinESMExports();
};

test('only the first call of an environment records how the environment started', async () => {
  await call();
  await call();
  const [first, second] = lines.records();
  expect(first).toMatchObject({
    cold_start: true,
    metadata: { init_ms: expect.any(Number), memory_mb: 256, function_version: '7', node: process.version },
  });
  expect(second).toMatchObject({ cold_start: false });
  expect(second).not.toHaveProperty('metadata');
});

test('a line that cannot be written does not affect the caller and is reported once, in the next line', async () => {
  await withBrokenStdout(async () => {
    expect(await call()).toEqual({ degrees: 1 });
    expect(await call()).toEqual({ degrees: 1 });
  });
  await call();
  await call();
  expect(dropped()).toEqual([2, undefined]);
});

test('an invalid measure or cost is reported as lost', async () => {
  const invalid = defineTool(toolFacts()).run((_args, { measure, cost }) => {
    measure('ratio', Number.NaN);
    cost(-1);
    for (let index = 0; index < 72; index += 1) measure(`name-${index}`, 1);
    return { degrees: 1 };
  });
  await invalid({ city: 'x' }, aContext());
  expect(Object.keys(lines.records()[0]?.measures ?? {})).toHaveLength(64);
  expect(dropped()).toEqual([10]);
});

test('a call without a valid event or context still gets a reply and a line', async () => {
  for (const [event, context] of [
    [undefined, undefined],
    [null, {}],
    ['text', { clientContext: { custom: { toolwatchCall: '{' } } }],
    [[], { clientContext: { custom: { toolwatchCall: 'null' } }, getRemainingTimeInMillis: () => Number.NaN }],
    [{ city: 'x', deep: JSON.parse('{"__proto__":{"a":1}}') }, { clientContext: 'odd' }],
  ] as [unknown, never][]) {
    await tool(event, context);
  }
  expect(lines.records()).toHaveLength(5);
  expect(lines.records().map((record) => record.fault)).toEqual(Array(5).fill('caller'));
});

test('arguments of ten megabytes give a small line', async () => {
  await tool({ city: 'x', note: 'y'.repeat(10_000_000) }, aContext());
  await tool({ city: 7, note: Array.from({ length: 100_000 }, (_, index) => `word-${index}`) }, aContext());
  for (const line of lines.raw()) expect(line.length).toBeLessThan(4_096);
  expect(lines.records()[0]?.request_bytes).toBeGreaterThan(10_000_000);
});

test('a user id is written as a keyed hash when the deployment has a key', async () => {
  const { readDeployment: deploymentOf } = await import('../../../lambdas/observe/call/deployment.ts');
  const deployment = deploymentOf();
  deployment.userHashKey = 'a key';
  await tool({ city: 'x' }, aContext({ user_id: 'anna', user_agent: 'anna' }));
  await tool({ city: 'x' }, aContext({ user_id: 'anna' }));
  deployment.userHashKey = undefined;
  const [first, second] = lines.records();
  expect(first?.user_id).toMatch(/^h1:[\da-f]{32}$/);
  expect(second?.user_id).toBe(first?.user_id);
  expect(first?.user_agent).toBe('anna');
});
