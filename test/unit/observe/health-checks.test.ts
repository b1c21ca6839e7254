import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { healthReport } from '../../../lambdas/contract/reports.ts';
import { type HealthAnswer, observe, registerHealthCheck, runHealthChecks } from '../../../lambdas/observe/index.ts';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { captureLines } from '../../support/captured-lines.ts';

const lines = captureLines();
const NO_CACHE = { cacheMs: 0 };
const healthy = () => true;

/** The component of one check, of a report that is valid. */
const runAndFind = async (name: string) => {
  const report = healthReport.parse(await runHealthChecks());
  for (const line of lines.raw()) expect(checkLine(line)).toEqual([]);
  return report.components.find((component) => component.name === name);
};
/** Until the end of the file the others are well. */
const checkOnce = async (answer: () => unknown, options = {}) => {
  registerHealthCheck('one', answer as () => HealthAnswer, { ...NO_CACHE, ...options });
  try {
    return await runAndFind('one');
  } finally {
    registerHealthCheck('one', healthy, NO_CACHE);
  }
};

test.each<[string, () => unknown, object]>([
  ['true', () => true, { status: 'ok', message: 'succeeds' }],
  ['nothing', async () => undefined, { status: 'ok', message: 'succeeds' }],
  ['false', () => false, { status: 'unhealthy', message: 'fails' }],
  ['a finding', () => ({ status: 'degraded', message: '700 wait' }), { status: 'degraded', message: '700 wait' }],
  ['that it cannot tell', () => ({ status: 'unknown' }), { status: 'unknown', message: 'cannot tell' }],
  ['anything else', () => ({ status: 'fine' }), { status: 'unknown', message: 'cannot tell' }],
  [
    'an error, whose words are not repeated',
    () => Promise.reject(Object.assign(new Error('to db.internal as admin'), { code: 'ECONNREFUSED' })),
    { status: 'unhealthy', message: 'fails (ECONNREFUSED)' },
  ],
])('a check of one’s own may answer %s', async (_, answer, expected) => {
  expect(await checkOnce(answer)).toMatchObject({ name: 'one', type: 'probe', critical: false, ...expected });
});

test('a result is a line of the kind probe, of which /health learns; one that cannot tell claims nothing', async () => {
  await checkOnce(() => ({ status: 'unhealthy', message: 'refuses' }), {
    type: 'auth',
    critical: true,
    domain: 'auth.example',
  });
  expect(lines.records()).toMatchObject([
    {
      kind: 'probe',
      name: 'one',
      success: false,
      fault: 'dependency',
      error_message: 'refuses',
      metadata: { status: 'unhealthy', message: 'refuses', type: 'auth', critical: true, domain: 'auth.example' },
    },
  ]);
  lines.clear();
  await checkOnce(() => ({ status: 'unknown' }));
  expect(lines.records()).toEqual([]);
});

test('a critical check makes the service unhealthy, any other degraded, in both vocabularies', async () => {
  registerHealthCheck('auth', () => false, { type: 'auth', critical: true, ...NO_CACHE });
  expect(await runHealthChecks()).toMatchObject({
    status: 'unhealthy',
    overall_status: 'unhealthy',
    dependencies: { auth: 'unhealthy' },
  });
  registerHealthCheck('auth', () => false, NO_CACHE);
  expect(await runHealthChecks()).toMatchObject({ status: 'degraded', overall_status: 'degraded' });
  registerHealthCheck('auth', () => ({ status: 'unknown', message: 'no figures' }), { critical: true, ...NO_CACHE });
  expect(await runHealthChecks()).toMatchObject({ status: 'unknown', overall_status: 'unknown' });
  registerHealthCheck('auth', healthy, NO_CACHE);
  expect(await runHealthChecks()).toMatchObject({ status: 'ok', overall_status: 'healthy' });
});

test('checks run side by side: each waits for the other', async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  registerHealthCheck('waits', () => released, NO_CACHE);
  registerHealthCheck('releases', () => release(), NO_CACHE);
  expect(await runAndFind('waits')).toMatchObject({ status: 'ok' });
});

test('a check that never answers ends in its time, and says so', async () => {
  const aborted = vi.fn();
  registerHealthCheck(
    'hangs',
    (signal) => {
      signal.addEventListener('abort', aborted);
      return new Promise(() => {});
    },
    { timeoutMs: 20, ...NO_CACHE },
  );
  expect(await runAndFind('hangs')).toMatchObject({ status: 'unhealthy', message: 'no answer within 20 ms' });
  expect(aborted).toHaveBeenCalledOnce();
  expect(lines.records().find(({ name }) => name === 'hangs')).toMatchObject({ error_code: 'TIMEOUT' });
  registerHealthCheck('hangs', healthy, NO_CACHE);
});

test('a result is reused for its time, also by who asks meanwhile, and gives one line', async () => {
  const check = vi.fn(healthy);
  registerHealthCheck('cached', check);
  await Promise.all([runHealthChecks(), runHealthChecks()]);
  await runHealthChecks();
  expect(check).toHaveBeenCalledOnce();
  expect(lines.records().filter(({ name }) => name === 'cached')).toHaveLength(1);
});

test.each<[string, () => void]>([
  ['without a name', () => registerHealthCheck('', healthy)],
  ['with a name that is a sentence', () => registerHealthCheck('is it well?', healthy)],
  ['without a function', () => registerHealthCheck('none', undefined as never)],
])('a check %s is refused and counted, and nothing else is lost', async (_, register) => {
  register();
  await observe('job', 'losses', () => 1);
  expect(JSON.parse(lines.raw()[0] ?? '')).toMatchObject({ success: true, telemetry_dropped: 1 });
});

test('names without end are refused, and the first hundred are checked', async () => {
  for (let index = 0; index < 300; index += 1) registerHealthCheck(`check_${index}`, healthy, NO_CACHE);
  expect((await runHealthChecks()).components).toHaveLength(100);
  await observe('job', 'losses', () => 1);
  expect(lines.raw().reduce((sum, line) => sum + (JSON.parse(line).telemetry_dropped ?? 0), 0)).toBeGreaterThan(190);
});

test('whatever a check answers or throws, the report is valid and so is every line', async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything(), fc.boolean(), fc.anything(), async (answer, throws, option) => {
      lines.clear();
      const check = () => {
        if (throws) throw answer;
        return answer;
      };
      const options = { type: option, domain: option, timeoutMs: option, cacheMs: 0, critical: option };
      expect(await checkOnce(check, options)).toBeDefined();
    }),
    { numRuns: 60 },
  );
});
