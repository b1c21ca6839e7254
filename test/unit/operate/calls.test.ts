import fs, { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import Papa from 'papaparse';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { Call, CallsReport } from '../../../lambdas/contract/api/calls.ts';
import { CallFollower } from '../../../operate/calls/follow-calls.ts';
import { type ExportRequest, exportCalls, type ReadWindow } from '../../../operate/export/export-calls.ts';

const folder = mkdtempSync(join(tmpdir(), 'toolwatch-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

const START = Date.UTC(2026, 10, 20);
const idOf = (index: number) => `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
const aCall = (index: number, at: number, error_message: string | null = null): Call => ({
  ...{ event_id: idOf(index), started_at: new Date(at).toISOString(), kind: 'tool', name: 'a', tenant_id: '-' },
  ...{ version: '1', duration_ms: 5, cold_start: false, success: error_message === null, error_message },
  ...{ error_code: null, error_type: null, fault: null, group_id: null, attempts: 1, client_name: null },
  ...{ user_id: null, session_id: null, provider: null, correlation_id: 'c', parent_id: null, replay_of: null },
});

/** As the api pages calls: the newest first, by a place in the list. */
const pageOf = (
  calls: readonly Call[],
  from: string,
  to: string,
  after: string | undefined,
  limit: number,
): CallsReport => {
  const found = calls
    .filter(({ started_at }) => started_at >= from && started_at < to)
    .sort((one, other) => other.started_at.localeCompare(one.started_at) || other.event_id.localeCompare(one.event_id));
  const begin = after === undefined ? 0 : found.findIndex(({ event_id }) => event_id === after) + 1;
  const page = found.slice(begin, begin + limit);
  return { calls: page, next: begin + limit < found.length ? (page.at(-1)?.event_id ?? null) : null };
};

test('followed calls are there once each, in whatever order they reach the store', async () => {
  const minute = 60_000;
  const arrivals = fc.array(
    fc.record({ offset: fc.integer({ min: 0, max: 4 * minute }), batch: fc.integer({ min: 0, max: 5 }) }),
    {
      maxLength: 60,
    },
  );
  const property = fc.asyncProperty(arrivals, async (given) => {
    const stored: Call[] = [];
    const follower = new CallFollower(async (from, after) => pageOf(stored, from, '9', after, 7), START);
    const seen: string[] = [];
    for (let batch = 0; batch <= 5; batch += 1) {
      stored.push(...given.flatMap((each, index) => (each.batch === batch ? [aCall(index, START + each.offset)] : [])));
      const { calls, isPart } = await follower.read();
      expect(isPart).toBe(false);
      expect(calls.map(({ started_at }) => started_at)).toEqual(calls.map(({ started_at }) => started_at).sort());
      seen.push(...calls.map(({ event_id }) => event_id));
    }
    expect(seen.sort()).toEqual(given.map((_, index) => idOf(index)).sort());
  });
  await fc.assert(property, { numRuns: 60 });
});

test('more new calls than can be followed are said to be left out, and a read that fails loses nothing', async () => {
  const stored = Array.from({ length: 50 }, (_, index) => aCall(index, START + index));
  let fails = true;
  const follower = new CallFollower(async (from, after) => {
    if (fails) throw new Error('busy');
    return pageOf(stored, from, '9', after, 3);
  }, START);
  await expect(follower.read()).rejects.toThrow('busy');
  fails = false;
  const { calls, isPart } = await follower.read();
  expect([calls.length, isPart]).toEqual([30, true]);
});

test('calls printed before do not count as left out', async () => {
  const stored = Array.from({ length: 10 }, (_, index) => aCall(index, START + index));
  const follower = new CallFollower(async (from, after) => pageOf(stored, from, '9', after, 3), START);
  for (let batch = 0; batch < 10; batch += 1) {
    stored.push(
      ...Array.from({ length: 10 }, (_, at) => aCall(100 * batch + at + 100, START + 1_000 * batch + at + 10)),
    );
    const { calls, isPart } = await follower.read();
    expect([calls.length, isPart]).toEqual([batch === 0 ? 20 : 10, false]);
  }
});

const messages = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('a,"b"\n=1', ''),
);
let files = 0;

test('an export that is interrupted anywhere ends as one that is not, with every call once', async () => {
  const given = fc.array(fc.record({ at: fc.integer({ min: 0, max: 3 * 86_400_000 - 1 }), message: messages }), {
    maxLength: 30,
  });
  const property = fc.asyncProperty(
    given,
    fc.constantFrom('csv' as const, 'jsonl' as const),
    fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 4 }),
    async (found, format, interruptions) => {
      const calls = found.map(({ at, message }, index) => aCall(index, START + at, message));
      files += 1;
      const request = (name: string): ExportRequest => ({
        ...{ file: join(folder, `${files}-${name}`), format, filter: 'tool=a' },
        ...{ fromMs: START, toMs: START + 3 * 86_400_000, isToDefault: false, deployment: 'toolwatch' },
      });
      const read: ReadWindow = async ({ from, to }, after) => pageOf(calls, from, to, after, 4);
      await exportCalls(request('whole'), read, () => {});
      for (const survived of interruptions) {
        let reads = 0;
        const failing: ReadWindow = async (window, after) => {
          reads += 1;
          if (reads > survived) throw new Error('interrupted');
          return read(window, after);
        };
        if (existsSync(request('cut').file)) break;
        await exportCalls(request('cut'), failing, () => {}).catch(() => {});
      }
      const { file } = request('cut');
      if (!existsSync(file)) await exportCalls(request('cut'), read, () => {});
      expect(readFileSync(file, 'utf8')).toBe(readFileSync(request('whole').file, 'utf8'));
      expect(readdirSync(folder).filter((name) => /[.](partial|progress|new)$/.test(name))).toEqual([]);
      if (format === 'jsonl') {
        const ids = readFileSync(file, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line).event_id);
        expect(ids.sort()).toEqual(calls.map(({ event_id }) => event_id).sort());
      }
    },
  );
  await fc.assert(property, { numRuns: 25 });
});

const anExport = (name: string): ExportRequest => ({
  ...{ file: join(folder, name), format: 'csv', filter: '', deployment: 'toolwatch' },
  ...{ fromMs: START, toMs: START + 86_400_000, isToDefault: false },
});
const threeCalls: ReadWindow = async ({ from, to }, after) =>
  pageOf(
    [0, 1, 2].map((index) => aCall(index, START + index)),
    from,
    to,
    after,
    1,
  );
/** Reads one page and then fails. */
const interrupted: ReadWindow = async (window, after) => {
  if (after !== undefined) throw new Error('interrupted');
  return threeCalls(window, after);
};
const write = (request: ExportRequest, read: ReadWindow) => exportCalls(request, read, () => {});
const filesLike = (name: string) => readdirSync(folder).filter((each) => each.startsWith(name));

test('an unfinished export does not have the name of a whole one, and nothing is left of one without calls', async () => {
  await expect(write(anExport('part.csv'), interrupted)).rejects.toThrow('interrupted');
  expect(filesLike('part')).toEqual(['part.csv.partial', 'part.csv.progress']);
  const failing: ReadWindow = async () => {
    throw new Error('refused');
  };
  await expect(write(anExport('refused.csv'), failing)).rejects.toThrow('refused');
  expect(filesLike('refused')).toEqual([]);
});

test('a file that is there, and an unfinished export of something else, are not written over', async () => {
  const request = anExport('unfinished.csv');
  await expect(write(request, interrupted)).rejects.toThrow('interrupted');
  const others: Partial<ExportRequest>[] = [
    { filter: 'tool=b' },
    { deployment: 'staging' },
    { format: 'jsonl' },
    { toMs: request.toMs + 1 },
    { isToDefault: true },
  ];
  for (const other of others)
    await expect(write({ ...request, ...other }, threeCalls)).rejects.toThrow('unfinished export of something else');
  expect(await write(request, threeCalls)).toBe(3);
  expect(filesLike('unfinished')).toEqual(['unfinished.csv']);
  await expect(write(request, threeCalls)).rejects.toThrow('is there already');
});

test('an unfinished file that is shorter than its note says, or has none, is not taken up', async () => {
  const request = anExport('damaged.csv');
  await expect(write(request, interrupted)).rejects.toThrow('interrupted');
  truncateSync(`${request.file}.partial`, 5);
  await expect(write(request, threeCalls)).rejects.toThrow('remove it');
  rmSync(`${request.file}.progress`);
  await expect(write(request, threeCalls)).rejects.toThrow('remove it');
  rmSync(`${request.file}.partial`);
  expect(await write(request, threeCalls)).toBe(3);
});

test('an export has every byte of its calls, also where the disk takes a few of them at a time', async () => {
  const { writeSync } = fs;
  const restore = () => {
    fs.writeSync = writeSync;
    syncBuiltinESMExports();
  };
  onTestFinished(restore);
  await write(anExport('at-once.csv'), threeCalls);
  fs.writeSync = ((descriptor: number, bytes: Buffer, offset: number, length: number, at: number) =>
    writeSync(descriptor, bytes, offset, Math.min(length, 7), at)) as typeof fs.writeSync;
  syncBuiltinESMExports();
  await write(anExport('in-pieces.csv'), threeCalls);
  restore();
  const [whole, pieces] = ['at-once.csv', 'in-pieces.csv'].map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(pieces).toBe(whole);
});

test('an export whose end nobody stated goes on after midnight with the end that it began with', async () => {
  const request: ExportRequest = { ...anExport('midnight.csv'), isToDefault: true };
  await expect(write(request, interrupted)).rejects.toThrow('interrupted');
  const windows: string[] = [];
  const tomorrow = { ...request, toMs: request.toMs + 86_400_000 };
  const written = await write(tomorrow, async (window, after) => {
    windows.push(window.to);
    return threeCalls(window, after);
  });
  expect(written).toBe(3);
  expect(new Set(windows)).toEqual(new Set([new Date(request.toMs).toISOString()]));
});

test('an export as CSV has no cell that a spreadsheet takes for a formula; numbers and JSON stay as they are', async () => {
  const hostile = ['=cmd()\n', '+1+1', '-a', '@a', '\tx', '\r=1'];
  const calls = hostile.map((text, index) => ({ ...aCall(index, START + index, text), session_id: text }));
  const read: ReadWindow = async ({ from, to }) => pageOf(calls, from, to, undefined, 100);
  const csv = anExport('formulas.csv');
  await write(csv, read);
  const { data } = Papa.parse<Record<string, string>>(readFileSync(csv.file, 'utf8'), { header: true, newline: '\n' });
  const rows = data.slice(0, hostile.length).reverse();
  expect(rows.map(({ error_message }) => error_message)).toEqual(hostile.map((text) => `'${text}`));
  expect(rows.map(({ session_id }) => session_id)).toEqual(hostile.map((text) => `'${text}`));
  expect(rows.map(({ duration_ms }) => duration_ms)).toEqual(hostile.map(() => '5'));
  const jsonl: ExportRequest = { ...anExport('formulas.jsonl'), format: 'jsonl' };
  await write(jsonl, read);
  const [last] = readFileSync(jsonl.file, 'utf8').split('\n');
  expect(JSON.parse(last ?? '')).toMatchObject({ error_message: '\r=1', duration_ms: 5 });
});
