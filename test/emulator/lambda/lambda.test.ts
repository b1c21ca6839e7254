import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aFunction, baseResources, CALLER, startSmallCloud } from '../../support/small-cloud.ts';

const CODE = {
  echo: `let count = 0;
    export const handler = async (event, context) => ({
      event, count: ++count, pid: process.pid,
      remaining: context.getRemainingTimeInMillis(), client: context.clientContext,
      memory: context.memoryLimitInMB, name: context.functionName, own: process.env.OWN, file: process.env.FILE,
      inherited: process.env.HOME ?? null });`,
  throws: `export const handler = async () => { throw new TypeError('no') };`,
  sleeps: `export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000));`,
  exits: `export const handler = async () => process.exit(3);`,
  rejects: `export const handler = () => { Promise.reject(new Error('not caught')); return new Promise(() => {}) };`,
  exhausts: `export const handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill({})) };`,
  broken: `import 'no-such-module'; export const handler = 1;`,
  logs: `export const handler = async () => {
      console.debug('dropped'); console.warn('written %d', 1);
      process.stdout.write('{"level":"DEBUG","a":1}\\n{"b":2}\\nplain\\n') };`,
  large: `export const handler = async () => 'x'.repeat(7_000_000);`,
  // Loads within Lambda's limit only when it was loaded before.
  'loads-slowly': `import { existsSync, writeFileSync } from 'node:fs';
    const marker = new URL('loaded-before', import.meta.url);
    if (!existsSync(marker)) { writeFileSync(marker, ''); await new Promise((resolve) => setTimeout(resolve, 60_000)); }
    export const handler = async () => 'loaded';`,
  'never-loads': `await new Promise((resolve) => setTimeout(resolve, 60_000)); export const handler = 1;`,
  slow: `export const handler = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300)); return process.pid };`,
};

let cloud: Awaited<ReturnType<typeof startSmallCloud>>;
beforeAll(async () => {
  const functions = Object.keys(CODE).map((name) => [name, aFunction(name)]);
  cloud = await startSmallCloud({
    code: CODE,
    resources: {
      ...baseResources(),
      ...Object.fromEntries(functions),
      echo: aFunction('echo', { Environment: { Variables: { OWN: 'x', FILE: '/var/task/some.pem' } } }),
      sleeps: aFunction('sleeps', { Timeout: 1 }),
      // On a busy machine it takes long to fill the memory.
      exhausts: aFunction('exhausts', { Timeout: 60 }),
      'loads-slowly': aFunction('loads-slowly', { Timeout: 60 }),
      'never-loads': aFunction('never-loads', { Timeout: 1 }),
      slow: aFunction('slow', { ReservedConcurrentExecutions: 1 }),
    },
  });
});
afterAll(() => cloud.stop());

const invoke = async (name: string, event: unknown = {}, clientContext?: unknown) => {
  const result = await cloud.lambda.invoke({
    principal: CALLER,
    function: name,
    event: JSON.stringify(event),
    clientContext,
  });
  return { failed: result.failed, payload: JSON.parse(result.payload) };
};
const sumOf = (name: string, metric: string) =>
  cloud.metrics.statistic(
    { namespace: 'AWS/Lambda', name: metric, dimensions: { FunctionName: name } },
    'Sum',
    Date.now() - 3_600_000,
    Date.now() + 60_000,
  )?.value;

describe('an invocation', () => {
  test('has the event, the context and the environment of the template, and nothing of this machine', async () => {
    const { payload } = await invoke('echo', { a: 1 }, { custom: { b: '2' } });
    expect(payload).toMatchObject({
      event: { a: 1 },
      client: { custom: { b: '2' } },
      memory: '128',
      name: 'echo',
      own: 'x',
      inherited: null,
    });
    expect(payload.remaining).toBeGreaterThan(4_000);
    expect(payload.file).toMatch(/\/echo\/some\.pem$/);
  });

  test('reuses an idle environment, and starts another when all are busy', async () => {
    const first = await invoke('echo');
    const second = await invoke('echo');
    expect(second.payload.pid).toBe(first.payload.pid);
    expect(second.payload.count).toBe(first.payload.count + 1);
    const both = await Promise.all([invoke('echo'), invoke('echo')]);
    expect(new Set(both.map(({ payload }) => payload.pid)).size).toBe(2);
  });
});

describe('a failure', () => {
  test('of the handler is reported with its type, message and trace, and counted', async () => {
    const { failed, payload } = await invoke('throws');
    expect(failed).toBe(true);
    expect(payload).toMatchObject({ errorType: 'TypeError', errorMessage: 'no' });
    expect(payload.trace[0]).toContain('TypeError: no');
    expect(sumOf('throws', 'Errors')).toBe(1);
  });

  test.each([
    ['sleeps', 'Sandbox.Timedout', /^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/],
    ['exits', 'Runtime.ExitError', /Runtime exited with error: exit status 3$/],
    ['rejects', 'Runtime.UnhandledPromiseRejection', /not caught/],
    ['exhausts', 'Runtime.ExitError', /Runtime exited with error: signal: abrt$/],
    ['large', 'Function.ResponseSizeTooLarge', /6291556 bytes/],
  ])('of the environment of "%s" is %s', async (name, errorType, message) => {
    const { failed, payload } = await invoke(name);
    expect(failed).toBe(true);
    expect(payload.errorType).toBe(errorType);
    expect(payload.errorMessage).toMatch(message);
  });

  test('to load the code is reported by every invocation', async () => {
    for (const _ of [1, 2]) expect((await invoke('broken')).payload.errorMessage).toContain('no-such-module');
  });

  test('to load the code in time begins again, within the time limit of the invocation', async () => {
    const [loaded, never] = await Promise.all([invoke('loads-slowly'), invoke('never-loads')]);
    expect(loaded).toEqual({ failed: false, payload: 'loaded' });
    expect(never.payload.errorMessage).toMatch(/Task timed out after 1\.00 seconds$/);
  });

  test('writes a platform line, and success writes none', async () => {
    await invoke('exits');
    await invoke('echo');
    const lines = cloud.logs
      .read('/log')
      .map(({ message }) => message)
      .filter((line) => line.includes('platform.report'));
    expect(lines.some((line) => JSON.parse(line).record.status === 'failure')).toBe(true);
    expect(lines.some((line) => JSON.parse(line).record.status === 'success')).toBe(false);
  });
});

test('lines are logged in the JSON format, except those below the log level', async () => {
  await invoke('logs');
  await expect.poll(() => cloud.logs.read('/log').map(({ message }) => message)).toContain('plain');
  const lines = cloud.logs.read('/log').map(({ message }) => message);
  expect(lines.find((line) => line.includes('written 1'))).toContain('"level":"WARN"');
  expect(lines).toContain('{"b":2}');
  expect(lines.join()).not.toContain('dropped');
  expect(lines).not.toContain('{"level":"DEBUG","a":1}');
});

test('an invocation beyond the reserved concurrency is throttled', async () => {
  const busy = invoke('slow');
  await expect(invoke('slow')).rejects.toMatchObject({ code: 'TooManyRequestsException', status: 429 });
  await busy;
  expect(sumOf('slow', 'Throttles')).toBe(1);
});

test('an unknown function is not found', async () => {
  await expect(invoke('unknown')).rejects.toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
});

test('all functions together run at most as many invocations as the account allows', async () => {
  const limited = await startSmallCloud({
    code: { slow: CODE.slow, echo: CODE.echo },
    concurrency: 1,
    resources: { ...baseResources(), slow: aFunction('slow'), echo: aFunction('echo') },
  });
  try {
    const busy = limited.lambda.invoke({ principal: CALLER, function: 'slow', event: '{}' });
    const another = limited.lambda.invoke({ principal: CALLER, function: 'echo', event: '{}' });
    await expect(another).rejects.toMatchObject({ code: 'TooManyRequestsException' });
    await busy;
    const later = await limited.lambda.invoke({ principal: CALLER, function: 'echo', event: '{}' });
    expect(later.failed).toBe(false);
  } finally {
    await limited.stop();
  }
});
