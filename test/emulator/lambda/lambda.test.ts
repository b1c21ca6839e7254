import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aFunction, baseResources, CALLER, startSmallCloud } from '../../support/small-cloud.ts';

const CODE = {
  echo: `let count = 0;
    export const handler = async (event, context) => ({
      event, count: ++count, pid: process.pid, remaining: context.getRemainingTimeInMillis(), client: context.clientContext,
      memory: context.memoryLimitInMB, name: context.functionName, own: process.env.OWN, file: process.env.FILE,
      inherited: process.env.HOME ?? null });`,
  throws: `export const handler = async () => { throw new TypeError('no') };`,
  sleeps: `export const handler = () => new Promise((done) => setTimeout(done, 60_000));`,
  exits: `export const handler = async () => process.exit(3);`,
  rejects: `export const handler = () => { Promise.reject(new Error('nobody listens')); return new Promise(() => {}) };`,
  eats: `export const handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill({})) };`,
  broken: `import 'nothing-of-that-name'; export const handler = 1;`,
  talks: `export const handler = async () => {
      console.debug('unheard'); console.warn('heard %d', 1); process.stdout.write('{"level":"DEBUG","a":1}\\n{"b":2}\\nplain\\n') };`,
  large: `export const handler = async () => 'x'.repeat(7_000_000);`,
  slow: `export const handler = async () => { await new Promise((done) => setTimeout(done, 300)); return process.pid };`,
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
      slow: aFunction('slow', { ReservedConcurrentExecutions: 1 }),
    },
  });
});
afterAll(() => cloud.stop());

const invoke = async (name: string, event: unknown = {}, clientContext?: unknown) => {
  const answer = await cloud.lambda.invoke({
    principal: CALLER,
    function: name,
    event: JSON.stringify(event),
    clientContext,
  });
  return { failed: answer.failed, payload: JSON.parse(answer.payload) };
};
const sumOf = (name: string, metric: string) =>
  cloud.metrics.statistic(
    { namespace: 'AWS/Lambda', name: metric, dimensions: { FunctionName: name } },
    'Sum',
    Date.now() - 3_600_000,
    Date.now() + 60_000,
  )?.value;

describe('an invocation', () => {
  test('meets the event, the context and the environment of the template, and nothing of this machine', async () => {
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

  test('uses an environment again, and starts another for one that is busy', async () => {
    const first = await invoke('echo');
    const second = await invoke('echo');
    expect(second.payload.pid).toBe(first.payload.pid);
    expect(second.payload.count).toBe(first.payload.count + 1);
    const both = await Promise.all([invoke('echo'), invoke('echo')]);
    expect(new Set(both.map(({ payload }) => payload.pid)).size).toBe(2);
  });
});

describe('a failure', () => {
  test('of the handler is told with its type, message and trace, and counted', async () => {
    const { failed, payload } = await invoke('throws');
    expect(failed).toBe(true);
    expect(payload).toMatchObject({ errorType: 'TypeError', errorMessage: 'no' });
    expect(payload.trace[0]).toContain('TypeError: no');
    expect(sumOf('throws', 'Errors')).toBe(1);
  });

  test.each([
    ['sleeps', 'Sandbox.Timedout', /^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/],
    ['exits', 'Runtime.ExitError', /Runtime exited with error: exit status 3$/],
    ['rejects', 'Runtime.UnhandledPromiseRejection', /nobody listens/],
    ['eats', 'Runtime.ExitError', /Runtime exited with error: signal: abrt$/],
    ['large', 'Function.ResponseSizeTooLarge', /6291556 bytes/],
  ])('of the environment of "%s" is %s', async (name, errorType, message) => {
    const { failed, payload } = await invoke(name);
    expect(failed).toBe(true);
    expect(payload.errorType).toBe(errorType);
    expect(payload.errorMessage).toMatch(message);
  });

  test('to load the code is told by every invocation', async () => {
    for (const _ of [1, 2]) expect((await invoke('broken')).payload.errorMessage).toContain('nothing-of-that-name');
  });

  test('leaves a platform line behind, where success leaves none', async () => {
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

test('lines reach the log as the JSON format writes them, and those below the level do not', async () => {
  await invoke('talks');
  await expect.poll(() => cloud.logs.read('/log').map(({ message }) => message)).toContain('plain');
  const lines = cloud.logs.read('/log').map(({ message }) => message);
  expect(lines.find((line) => line.includes('heard 1'))).toContain('"level":"WARN"');
  expect(lines).toContain('{"b":2}');
  expect(lines.join()).not.toContain('unheard');
  expect(lines).not.toContain('{"level":"DEBUG","a":1}');
});

test('reserved concurrency refuses who comes too many', async () => {
  const busy = invoke('slow');
  await expect(invoke('slow')).rejects.toMatchObject({ code: 'TooManyRequestsException', status: 429 });
  await busy;
  expect(sumOf('slow', 'Throttles')).toBe(1);
});

test('a function that is not there is not found', async () => {
  await expect(invoke('nobody')).rejects.toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
});

test('all functions together run no more at once than the account allows', async () => {
  const small = await startSmallCloud({
    code: { slow: CODE.slow, echo: CODE.echo },
    concurrency: 1,
    resources: { ...baseResources(), slow: aFunction('slow'), echo: aFunction('echo') },
  });
  try {
    const busy = small.lambda.invoke({ principal: CALLER, function: 'slow', event: '{}' });
    const another = small.lambda.invoke({ principal: CALLER, function: 'echo', event: '{}' });
    await expect(another).rejects.toMatchObject({ code: 'TooManyRequestsException' });
    await busy;
    const later = await small.lambda.invoke({ principal: CALLER, function: 'echo', event: '{}' });
    expect(later.failed).toBe(false);
  } finally {
    await small.stop();
  }
});
