import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDebugFlag, formatDuration } from '../../../lambdas/observe/index.ts';
import { formatForTerminal } from '../../../lambdas/observe/log/terminal-entry.ts';
import { root } from '../../support/source-files.ts';

const KEY = 'a-key-of-sixteen-characters-or-more';

/** The JSON lines that a program writes which imports the package's entry as `o`. */
const runProgram = (program: string, env: Record<string, string> = {}): Record<string, unknown>[] => {
  const source = `import * as o from './lambdas/observe/index.ts';\n${program}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, POWERTOOLS_LOG_LEVEL: 'INFO', ...env },
  });
  // Warnings and errors go to stderr.
  return `${stdout}\n${stderr}`
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};

describe('a logger', () => {
  test('works outside calls, has the ids of a call inside it, and redacts secrets', () => {
    const entries = runProgram(`
      const log = o.getLogger('orders');
      log.info('starting', { apiKey: 'k-1' });
      await o.observe('job', 'nightly', () => log.child({ batch: 3 }).warn('slow', new Error('late'), { rows: 2 }), { correlationId: 'req-7' });
    `);
    expect(entries).toMatchObject([
      { level: 'INFO', message: 'starting', logger: 'orders', apiKey: '[redacted]' },
      { kind: 'job' },
      {
        level: 'WARN',
        message: 'slow',
        logger: 'orders',
        batch: 3,
        rows: 2,
        correlation_id: 'req-7',
        error: { message: 'late' },
      },
    ]);
  });

  test('of a request says which request, by its route and without its query', () => {
    const [entry] = runProgram(`
      o.createRequestLogger({ requestId: 'req_abc123', method: 'POST', path: '/v1/webhooks/17?token=x' }).info('creating');
    `);
    expect(entry).toMatchObject({ request_id: 'req_abc123', method: 'POST', route: '/v1/webhooks/{id}' });
    const [unnamed] = runProgram(`o.createRequestLogger().info('creating');`);
    expect(unnamed?.request_id).toEqual(expect.any(String));
  });

  test('measures: in the line of the call, else in a line of its own when the program ends', () => {
    const written = runProgram(`
      const log = o.getLogger();
      log.metric('webhook.created', 1);
      await o.observe('job', 'nightly', () => log.metric('rows', 3));
    `);
    expect(written).toMatchObject([
      { name: 'nightly', measures: { rows: 3 } },
      { kind: 'job', name: '_metrics', measures: { 'webhook.created': 1 } },
    ]);
  });
});

describe('a wrapped function', () => {
  test('answers as before, and the log has its inputs and outputs where the options say so', () => {
    const written = runProgram(`
      const createUser = o.observeTool('create_user', async (name, password) => ({ id: 7, name, password }), { logInputs: true, logOutputs: true });
      const add = o.logOperation('add', (a, b) => a + b, { logLevel: 'debug', logInputs: true });
      const user = await createUser('Ada', { password: 'p-1' });
      if (user.id !== 7 || await add(1, 2) !== 3) throw new Error('wrong result');
    `);
    expect(written).toMatchObject([
      { message: 'create_user begins', inputs: ['Ada', { password: '[redacted]' }] },
      { message: 'create_user ends', outputs: { id: 7, password: '[redacted]' } },
      { kind: 'tool', name: 'create_user', tool: 'create_user', success: true },
      { kind: 'job', name: 'add', tool: 'job/add' },
    ]);
  });
});

describe('a signed flag', () => {
  const logsAt = (flag: string, key = KEY) =>
    runProgram(
      `await o.observeHandler(async (_e, _c, { logger }) => (logger.debug('detail'), { statusCode: 200 }))(
        { httpMethod: 'GET', path: '/', headers: { 'x-toolwatch-debug': ${JSON.stringify(flag)} } }, {});`,
      { TOOLWATCH_USER_HASH_KEY: key },
    );
  const inAnHour = () => new Date(Date.now() + 3_600_000);

  test('lets one request log at DEBUG, at a level that Lambda lets through', () => {
    expect(logsAt(createDebugFlag(KEY, inAnHour()))).toMatchObject([
      { level: 'INFO', message: 'detail', debug: true },
      { kind: 'http' },
    ]);
  });

  test.each([
    ['without a signature', () => 'on'],
    ['of another key', () => createDebugFlag('another-key-of-sixteen', inAnHour())],
    ['that has expired', () => createDebugFlag(KEY, new Date(Date.now() - 1_000))],
    ['that never expires', () => createDebugFlag(KEY, new Date(Date.now() + 90 * 86_400_000))],
  ])('%s is ignored and counted, and is no loss of ours', (_, createFlag) => {
    const written = logsAt(createFlag());
    expect(written).toMatchObject([{ kind: 'http', success: true, measures: { debug_flags_refused: 1 } }]);
    expect(written[0]).not.toHaveProperty('telemetry_dropped');
  });
});

test.each([
  [0, '0 ms'],
  [0.25, '0.25 ms'],
  [340.4, '340 ms'],
  [999.9, '999 ms'],
  [1_234, '1.2 s'],
  [59_960, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [3_660_000, '1 h 1 min'],
  [-1_500, '-1.5 s'],
  [Number.NaN, 'unknown'],
])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

test('any duration is words', () => {
  fc.assert(fc.property(fc.double(), (ms) => /^(unknown|-?[\d.e+]+ (ms|s|min|h).*)$/.test(formatDuration(ms))));
});

test('on a terminal an entry is a coloured line', () => {
  const entry = { level: 'WARN', message: 'slow', timestamp: '2026-11-20T18:40:00.123Z', service: 'x', rows: 2 };
  expect(formatForTerminal(entry)).toBe('\u001b[33m18:40:00.123 WARN     slow rows=2\u001b[0m');
});
