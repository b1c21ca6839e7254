import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatEntry, formatRecord } from '../../../lambdas/contract/log-text.ts';
import { createDebugFlag, formatDuration } from '../../../lambdas/observe/index.ts';
import { root } from '../../support/source-files.ts';

const KEY = 'a-key-of-sixteen-characters-or-more';

const toSource = (program: string): string => `import * as o from './lambdas/observe/index.ts';\n${program}`;

/** The JSON lines that a program writes which imports the package's entry as `o`. */
const runProgram = (program: string, env: Record<string, string> = {}): Record<string, unknown>[] => {
  const args = ['--import', 'tsx', '--input-type=module', '-e', toSource(program)];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
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

  test('says whose call and which request it is, as the line says it, also what is known only later', () => {
    const handler = (event: string) => `await o.observeHandler(
      async (_e, _c, { logger, label }) => {
        logger.info('begins');
        label({ userId: 'u-1', correlationId: 'req-2' });
        logger.createChild({ persistentKeys: { batch: 3 } }).info('goes on');
        return { statusCode: 200 };
      })(${event}, {});`;
    const event = `{ httpMethod: 'GET', path: '/orders/17', resource: '/orders/{id}', headers: {} , requestContext: {} }`;
    const request = { method: 'GET', route: '/orders/{id}', tool: 'GET /orders/{id}' };
    expect(runProgram(handler(event))).toMatchObject([
      { message: 'begins', ...request },
      { message: 'goes on', ...request, user_id: 'u-1', correlation_id: 'req-2', batch: 3 },
      { kind: 'http', user_id: 'u-1', correlation_id: 'req-2' },
    ]);
    const hashed = runProgram(handler(event), { TOOLWATCH_USER_HASH_KEY: KEY });
    expect(hashed[1]?.user_id).toMatch(/^h1:/);
    expect(hashed[1]?.user_id).toBe(hashed[2]?.user_id);
  });

  test('has five levels, of which those below the level of the function are not written', () => {
    const program = `for (const level of ['debug', 'info', 'warn', 'error', 'critical']) o.getLogger()[level](level);`;
    const levelsAt = (level: string) =>
      runProgram(program, { POWERTOOLS_LOG_LEVEL: level }).map((entry) => entry.level as string);
    expect(levelsAt('DEBUG').sort()).toEqual(['CRITICAL', 'DEBUG', 'ERROR', 'INFO', 'WARN']);
    expect(levelsAt('INFO').sort()).toEqual(['CRITICAL', 'ERROR', 'INFO', 'WARN']);
    expect(levelsAt('WARN').sort()).toEqual(['CRITICAL', 'ERROR', 'WARN']);
  });

  test('writes at the level that Lambda is set to: at DEBUG also the wrapper’s own decisions', () => {
    const program = `
      const { toolFacts } = await import('./test/support/a-tool.ts');
      const refusing = o.defineTool(toolFacts({ retry: { attempts: 3 } })).run(() => { throw new o.ToolError('UPSTREAM_ERROR', 'no', { retryable: false }); });
      await refusing({ city: 'Oslo' }, {});`;
    const messagesAt = (level: string) =>
      runProgram(program, { AWS_LAMBDA_LOG_LEVEL: level, POWERTOOLS_LOG_LEVEL: '' }).flatMap(
        ({ message }) => message ?? [],
      );
    expect(messagesAt('DEBUG')).toEqual(['retry skipped']);
    expect(messagesAt('INFO')).toEqual([]);
  });

  test('shows of an error what it is, where it was thrown, whether a retry helps and what caused it', () => {
    const [entry] = runProgram(`
      const error = new o.ToolError('UPSTREAM_ERROR', 'shop answered 503', { cause: new Error('reset') });
      o.getLogger().error('order not placed', error, { durationMs: 12 });`);
    expect(entry).toMatchObject({
      level: 'ERROR',
      message: 'order not placed',
      timestamp: expect.any(String),
      durationMs: 12,
      error: {
        name: 'ToolError',
        message: 'shop answered 503',
        code: 'UPSTREAM_ERROR',
        retryable: true,
        stack: expect.arrayContaining([expect.stringMatching(/^at .*:\d+:\d+/)]),
        cause: { name: 'Error', message: 'reset' },
      },
    });
  });

  test('never fails the call: what cannot be written is counted', () => {
    const written = runProgram(`
      const odd = { toJSON() { throw new Error('no'); } };
      await o.observe('job', 'odd', ({ logger }) => (logger.info('odd', { odd }), logger.info('next')));`);
    expect(written).toMatchObject([{ message: 'next' }, { name: 'odd', success: true, telemetry_dropped: 1 }]);
  });

  test('writes entries in a form of one’s own, with secrets redacted, and its own where that form fails', () => {
    const written = runProgram(`
      o.setEntryForm(({ level, message, timestamp, ...keys }) => {
        if (message === 'odd') throw new Error('no');
        return { at: Date.parse(timestamp), severity: level, text: message, ...keys };
      });
      o.getLogger('orders').info('placed', { password: 'p-1' });
      o.getLogger().info('odd');
      await o.observe('job', 'nightly', () => 1);`);
    expect(written).toMatchObject([
      { at: expect.any(Number), severity: 'INFO', text: 'placed', logger: 'orders', password: '[redacted]' },
      { level: 'INFO', message: 'odd' },
      { kind: 'job', level: 'INFO' },
    ]);
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

  test('of a call measures for the call, and so do its children', () => {
    const written = runProgram(`
      await o.observeHandler(async (_e, _c, { logger }) => {
        logger.metric('rows', 3);
        logger.createChild().metric('rows', 4, 'Count');
        return { statusCode: 200 };
      })({ httpMethod: 'GET', path: '/', headers: {} }, {});`);
    expect(written).toMatchObject([{ measures: { rows: 7 }, metadata: { units: { rows: 'Count' } } }]);
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

  test('is also that of loggers made from the request’s', () => {
    const flag = createDebugFlag(KEY, inAnHour());
    const written = runProgram(
      `await o.observeHandler(async (_e, _c, { logger }) => (logger.createChild().debug('detail'), { statusCode: 200 }))(
        { httpMethod: 'GET', path: '/', headers: { 'x-toolwatch-debug': '${flag}' } }, {});`,
      { TOOLWATCH_USER_HASH_KEY: KEY },
    );
    expect(written).toMatchObject([{ level: 'INFO', message: 'detail', debug: true }, { kind: 'http' }]);
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

describe('on a terminal', () => {
  /** `script` gives a program a terminal. */
  const hasScript = spawnSync('script', ['--version']).status === 0;
  const runOnTerminal = (program: string, env: Record<string, string> = {}): string => {
    const command = `"$NODE" --import tsx --input-type=module -e "$SOURCE"`;
    return spawnSync('script', ['-qec', command, '/dev/null'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, POWERTOOLS_LOG_LEVEL: 'INFO', NODE: process.execPath, SOURCE: toSource(program), ...env },
    }).stdout;
  };
  const PROGRAM = `await o.observe('job', 'nightly', ({ logger }) => logger.warn('slow page', { rows: 2, apiKey: 'k-1' }));`;

  test.runIf(hasScript)('entries and calls are coloured lines for a person', () => {
    const written = runOnTerminal(PROGRAM).replaceAll('\u001b', 'ESC');
    expect(written).toMatch(/ESC\[33m[\d:.]+ WARN {5}slow page .*rows=2 apiKey=\[redacted\]ESC\[0m/);
    expect(written).toMatch(/ESC\[36m[\d:.]+ INFO {5}job nightly succeeded after \d+ ms/);
    expect(written).not.toContain('{');
  });

  test.runIf(hasScript)('there are no colours where NO_COLOR is set, and it is JSON on Lambda', () => {
    expect(runOnTerminal(PROGRAM, { NO_COLOR: '1' })).not.toContain('\u001b[');
    expect(runOnTerminal(PROGRAM, { AWS_LAMBDA_FUNCTION_NAME: 'f' })).toContain('"schema":"toolwatch.v1"');
  });

  test('an entry is one line, with an error and its frames below it', () => {
    const entry = { level: 'WARN', message: 'slow', timestamp: '2026-11-20T18:40:00.123Z', service: 'x', rows: 2 };
    expect(formatEntry(entry, true)).toBe('\u001b[33m18:40:00.123 WARN     slow rows=2\u001b[0m');
    const error = { name: 'Error', message: 'late', stack: ['at a (b.ts:1:2)'], cause: { name: 'E', message: 'why' } };
    expect(formatEntry({ ...entry, error }, true)).toContain(
      'slow rows=2 Error: late\n    at a (b.ts:1:2)\n  because of E: why',
    );
  });

  test('a failed call says why', () => {
    const record = {
      kind: 'tool',
      name: 'order_status',
      success: false,
      duration_ms: 122.4,
      finished_at: 'T18:40:00Z',
    };
    const failure = { level: 'WARN', error_code: 'TIMEOUT', error_message: 'no answer', attempts: 1 };
    expect(formatRecord({ ...record, ...failure }, false)).toBe(
      '18:40:00 WARN     tool order_status failed after 122 ms error_code=TIMEOUT error_message="no answer"',
    );
  });

  test('what others wrote is on one line and moves no cursor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, value) => {
        const entry = { level: 'INFO', message, value, error: { name: message, message: value } };
        expect([...formatEntry(entry, false)].filter((character) => /\p{Cc}/u.test(character))).toEqual([]);
      }),
    );
  });
});
