import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { criticalP95MsOf, p95MsOf } from '../../lambdas/contract/tool-facts.ts';
import { invalidToolDefinitions } from '../../lib/tools/invalid-definitions.ts';
import { findUnlistedFiles } from '../../lib/tools/unlisted-files.ts';
import { alarmsOf, aTool, synthesize } from '../support/synthesized.ts';

describe('a fact outside its documented bounds is refused at synthesis, with a sentence that says what to write', () => {
  test.each<[string, Parameters<typeof aTool>[0], RegExp]>([
    [
      'a timeout that Lambda cannot keep',
      { timeoutSeconds: 900 },
      /timeoutSeconds is 900; write whole seconds, 1 to 840/,
    ],
    ['a timeout of part of a second', { timeoutSeconds: 2.5 }, /timeoutSeconds is 2\.5/],
    ['a name in camel case', { name: 'cityWeather' }, /name is cityWeather; write at most 48 characters in snake_case/],
    ['a name that is too long', { name: 'a'.repeat(49) }, /write at most 48 characters/],
    ['no description', { description: ' ' }, /description is " "; write what it does/],
    ['memory that Lambda does not have', { memoryMb: 64 }, /memoryMb is 64; write whole MiB, 128 to 10240/],
    ['no attempt at all', { retry: { attempts: 0 } }, /retry\.attempts is 0/],
    [
      'a retry of a tool that writes',
      { readOnly: false, retry: { attempts: 3 } },
      /retry is 3 attempts although it writes; leave it out, or state idempotent: true/,
    ],
    ['a read-only tool that deletes', { destructive: true }, /destructive is true although it is read-only/],
  ])('%s', (_, facts, message) => {
    expect(() => synthesize({}, [aTool(facts)])).toThrow(message);
  });

  test('all variables without a value are named at once', () => {
    const tools = [aTool({ name: 'a_b', settings: ['ONE', 'TWO'] }), aTool({ name: 'c_d', settings: ['THREE'] })];
    expect(() => synthesize({}, tools)).toThrow(
      /toolSettings\.ONE: the tool a_b reads it.*\n.*toolSettings\.TWO: the tool a_b.*\n.*toolSettings\.THREE: the tool c_d/,
    );
  });

  test('a file of a tool that the list does not name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'toolwatch-tools-'));
    for (const file of ['index.ts', 'order-status.ts', 'city-weather.ts']) writeFileSync(join(folder, file), '');
    expect(findUnlistedFiles([aTool({ name: 'order_status' })], folder)).toEqual([
      'lambdas/tools/city-weather.ts is not in the list of tools; add it in lambdas/tools/index.ts, ' +
        'or move it elsewhere if it is no tool.',
    ]);
    rmSync(folder, { recursive: true });
  });
});

describe('default limits of durations give way to the timeout', () => {
  test.each([
    [2, 1_000, 10_000],
    [5, 2_500, 10_000],
    [10, 5_000, 10_000],
    [30, 5_000, 10_000],
    [90, 15_000, 30_000],
    [840, 140_000, 280_000],
  ])('with a timeout of %i s a tool is slow above %i ms and pages above %i ms', (timeoutSeconds, slowMs, pageMs) => {
    expect([p95MsOf({ alarms: {}, timeoutSeconds }), criticalP95MsOf({ alarms: {}, timeoutSeconds })]).toEqual([
      slowMs,
      pageMs,
    ]);
  });

  test('every timeout without stated limits can be deployed, and every limit can be reached before it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 840 }), (timeoutSeconds) => {
        const facts = { name: 'weather', alarms: {}, timeoutSeconds };
        expect(invalidToolDefinitions([facts])).toEqual([]);
        expect(p95MsOf(facts)).toBeLessThan(timeoutSeconds * 1_000);
        expect(criticalP95MsOf(facts)).toBeGreaterThan(p95MsOf(facts));
      }),
    );
  });

  test('what the facts state counts', () => {
    expect(p95MsOf({ alarms: { p95Ms: 7 }, timeoutSeconds: 90 })).toBe(7);
    expect(criticalP95MsOf({ alarms: { p95Ms: 12_000 }, timeoutSeconds: 20 })).toBe(12_000);
    expect(criticalP95MsOf({ alarms: { criticalP95Ms: 9_000 }, timeoutSeconds: 90 })).toBe(15_000);
  });

  test('a tool that may take 90 s does not page at 10 s', () => {
    const { resources } = synthesize({ frontDoor: { kind: 'function-url' } }, [
      aTool({ name: 'report', timeoutSeconds: 90, alarms: {} }),
    ]);
    const thresholds = Object.fromEntries(
      alarmsOf(resources).map(({ Properties }) => [Properties.AlarmName, Properties.Threshold]),
    );
    expect(thresholds['tool/report/slow']).toBe(15_000);
    expect(thresholds['tool/report/very-slow']).toBe(30_000);
  });
});
