import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { openJournals } from '../../emulator/journal.ts';

const schema = z.object({ n: z.number(), text: z.string() });
type Entry = z.infer<typeof schema>;

let folder: string;
let file: string;
let losses: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'toolwatch-journal-'));
  file = join(folder, 'work.jsonl');
  losses = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Opens the journal as another process would after the one before was killed. */
const open = (maxBytes?: number) =>
  openJournals({ folder, onLoss: (loss) => losses.push(loss), ...(maxBytes && { maxBytes }) }).open('work', schema);
const filesAside = () => readdirSync(folder).filter((name) => name.includes('unreadable'));

test('what is put and not removed is there for the next process, in order and as it was last put', () => {
  const journal = open();
  journal.put('a', { n: 1, text: 'é\n"' });
  journal.put('b', { n: 2, text: '' });
  journal.put('c', { n: 3, text: '' });
  journal.put('a', { n: 4, text: 'again' });
  journal.remove(['c', 'unknown']);
  expect([...open().left]).toEqual([
    ['b', { n: 2, text: '' }],
    ['a', { n: 4, text: 'again' }],
  ]);
  expect(losses).toEqual([]);
});

test('a file holds nothing once all is done, and does not grow while work comes and goes', () => {
  const journal = open();
  journal.put('waiting', { n: 0, text: '' });
  for (let n = 0; n < 300; n += 1) {
    journal.put('passing', { n, text: 'x'.repeat(100_000) });
    journal.remove(['passing']);
  }
  expect(statSync(file).size).toBeLessThan(5 * 1_024 * 1_024);
  const next = open();
  expect([...next.left.keys()]).toEqual(['waiting']);
  next.remove(['waiting']);
  expect(statSync(file).size).toBe(0);
});

test('a backlog beyond the limit is reported once and goes on in memory alone', () => {
  const journal = open(1_000);
  const text = 'x'.repeat(200);
  for (let n = 0; n < 10; n += 1) journal.put(String(n), { n, text });
  expect(losses).toEqual([
    expect.stringMatching(/^what is accepted now would be lost by a restart: .*work\.jsonl: it holds/),
  ]);
  expect([...open().left.keys()]).toEqual(['0', '1', '2', '3']);
});

test('nothing is written after the end', () => {
  const journals = openJournals({ folder, onLoss: () => {} });
  const journal = journals.open('work', schema);
  journal.put('a', { n: 1, text: '' });
  journals.close();
  journal.remove(['a']);
  journal.put('b', { n: 2, text: '' });
  expect([...open().left.keys()]).toEqual(['a']);
});

test.each([
  ['a line that is no JSON', 'rubbish\n'],
  ['a line of another shape', '{"n":1}\n'],
  ['an entry of another schema', '["b",{"n":"one"}]\n'],
  ['bytes that are no text', '\u0000\ufffd\n'],
])('%s is put aside with a notice, and the rest is read', (_, damage) => {
  open().put('a', { n: 1, text: '' });
  appendFileSync(file, damage);
  const damaged = readFileSync(file);
  expect([...open().left.keys()]).toEqual(['a']);
  const [aside = ''] = filesAside();
  expect(losses).toEqual([
    `some of what ${file} held may be lost (unreadable lines: 1); the whole file is retained as ${join(folder, aside)}`,
  ]);
  expect(readFileSync(join(folder, aside))).toEqual(damaged);
  expect([...open().left.keys()]).toEqual(['a']);
  expect(losses).toHaveLength(1);
});

const operation = fc.oneof(
  fc.record({ put: fc.constantFrom('a', 'b', 'c', '__proto__'), entry: fc.record({ n: fc.nat(), text: fc.string() }) }),
  fc.record({ remove: fc.constantFrom('a', 'b', 'c', '__proto__') }),
  fc.constant({ reopen: true }),
);

test('wherever the process is killed, the next one finds a state that there was, and never fails', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 30 }), fc.nat(), (operations, cut) => {
      rmSync(folder, { recursive: true });
      let journal = open();
      const model = new Map<string, Entry>();
      const states = [JSON.stringify([])];
      for (const step of operations) {
        if ('put' in step) {
          journal.put(step.put, step.entry);
          model.delete(step.put);
          model.set(step.put, step.entry);
        } else if ('remove' in step) {
          journal.remove([step.remove]);
          model.delete(step.remove);
        } else journal = open();
        states.push(JSON.stringify([...model]));
      }
      expect(JSON.stringify([...open().left])).toBe(states.at(-1));
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.subarray(0, cut % (bytes.length + 1)));
      losses = [];
      const left = JSON.stringify([...open().left]);
      // Entries that were rewritten together may be cut anywhere: then a part of them is left, and the notice says so.
      const isPart = [...JSON.parse(left)].every(([id]: [string]) => model.has(id));
      expect(states.includes(left) || isPart).toBe(true);
      expect(losses.length).toBe(filesAside().length);
    }),
    { numRuns: 200 },
  );
});
