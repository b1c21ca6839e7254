import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Invocation, invocation } from '../../lambdas/contract/invocation.ts';
import { SCHEMA } from '../../lambdas/contract/vocabulary.ts';

const STDOUT = 1;

/**
 * Captures what the wrapper writes to stdout during each test of the file that calls this. `raw` returns the lines as
 * written, `records` those that are records, parsed by the record's schema.
 */
export const captureLines = () => {
  const originalWrite = fs.writeSync;
  let text = '';
  beforeAll(() => {
    // Powertools' Logger writes elsewhere, and would only add to the test's report.
    process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
    const capture = (fd: number, data: string | Uint8Array, ...rest: never[]): number => {
      if (fd !== STDOUT) return originalWrite(fd, data as Uint8Array, ...rest);
      text += typeof data === 'string' ? data : Buffer.from(data).toString();
      return Buffer.byteLength(data);
    };
    fs.writeSync = capture as typeof fs.writeSync;
    syncBuiltinESMExports();
  });
  beforeEach(() => {
    text = '';
  });
  afterAll(() => {
    fs.writeSync = originalWrite;
    syncBuiltinESMExports();
  });
  const raw = (): string[] => text.split('\n').filter((line) => line !== '');
  return {
    raw,
    /** Forgets the lines so far, for a test that makes many calls. */
    clear: () => {
      text = '';
    },
    records: (): Invocation[] =>
      raw()
        .map((line): unknown => JSON.parse(line))
        .filter((line) => (line as { schema?: unknown }).schema === SCHEMA)
        .map((line) => invocation.parse(line)),
  };
};
