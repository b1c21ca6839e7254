import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  logOperation,
  measurePerformance,
  observeHandler,
  observeTool,
  record,
  trackDatabaseOperation,
} from '../../../lambdas/observe/index.ts';
import { captureLines } from '../../support/captured-lines.ts';

const lines = captureLines();
const entries: Record<string, unknown>[] = [];
const note = (text: unknown) => {
  entries.push(JSON.parse(String(text)));
};

beforeEach(() => {
  entries.length = 0;
  process.env.POWERTOOLS_LOG_LEVEL = 'DEBUG';
  // Powertools writes to a console of its own, by the level's name.
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    note(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    note(text);
    return true;
  });
  return () => vi.restoreAllMocks();
});

const aUser = async (name: string, password: object) => ({ id: 7, name, password });

describe('each of the four wrappers', () => {
  test.each([
    ['observeTool', observeTool, 'tool', 'create_user'],
    ['logOperation', logOperation, 'job', 'job/create_user'],
    ['measurePerformance', measurePerformance, 'job', 'job/create_user'],
    ['trackDatabaseOperation', trackDatabaseOperation, 'query', 'query/create_user'],
  ] as const)(
    '%s writes a line for each call, and logs what its options say, redacted',
    async (_, wrap, kind, tool) => {
      const quiet = wrap('create_user', aUser);
      expect(await quiet('Ada', { password: 'p-1' })).toEqual({ id: 7, name: 'Ada', password: { password: 'p-1' } });
      expect(entries).toEqual([]);
      const loud = wrap('create_user', aUser, { logInputs: true, logOutputs: true, logLevel: 'debug' });
      await loud('Ada', { password: 'p-1' });
      expect(entries).toMatchObject([
        {
          level: 'DEBUG',
          message: 'create_user begins',
          inputs: ['Ada', { password: '[redacted]' }],
          tool: 'create_user',
        },
        { level: 'DEBUG', message: 'create_user ends', outputs: { id: 7, name: 'Ada', password: '[redacted]' } },
      ]);
      expect(lines.raw().map((line) => JSON.parse(line))).toMatchObject(Array(2).fill({ kind, tool, success: true }));
    },
  );

  test.each([observeTool, logOperation, measurePerformance, trackDatabaseOperation])(
    'fails as the function does, and may be a method',
    async (wrap) => {
      const broken = new Error('no such user');
      await expect(wrap('fails', () => Promise.reject(broken))()).rejects.toBe(broken);
      const shop = {
        name: 'north',
        describe: wrap('describe', function (this: { name: string }, state: string) {
          return `${this.name} is ${state}`;
        }),
      };
      expect(await shop.describe('open')).toBe('north is open');
      expect(lines.records()).toMatchObject([{ success: false, error_message: 'no such user' }, { success: true }]);
    },
  );
});

const levels = () => lines.raw().map((line) => JSON.parse(line).level);
const wait = () => new Promise((resume) => setTimeout(resume, 15));

test('a call above the warning threshold is a warning in the log, and one above the critical threshold an error', async () => {
  await measurePerformance('generate_report', wait, { warningMs: 60_000, criticalMs: 90_000 })();
  await measurePerformance('generate_report', wait, { warningMs: 5, criticalMs: 90_000 })();
  await measurePerformance('generate_report', wait, { warningMs: 5, criticalMs: 6 })();
  await observeTool('slow_tool', wait, { slowMs: 5 })();
  await observeHandler(async () => wait(), { tool: 'slow_handler', slowMs: 5 })({}, {});
  expect(levels()).toEqual(['INFO', 'WARN', 'ERROR', 'WARN', 'WARN']);
});

test('each record has its own thresholds', () => {
  for (const [slow_ms, critical_ms] of [[], [10, 100], [1, 2]])
    record({
      kind: 'job',
      name: 'elsewhere',
      success: true,
      duration_ms: 50,
      ...(slow_ms !== undefined && { slow_ms }),
      ...(critical_ms !== undefined && { critical_ms }),
    });
  expect(levels()).toEqual(['INFO', 'WARN', 'ERROR']);
});
