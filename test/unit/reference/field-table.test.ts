import { expect, test } from 'vitest';
import * as z from 'zod';
import { inputTable, outputTable } from '../../../lib/reference/field-table.ts';

const rowsOf = (table: string) => table.split('\n').slice(2);

test('a field has a row with its values, its default and its description', () => {
  const schema = z.strictObject({
    size: z.int().min(1).max(9).default(3).describe('How large.'),
    kind: z.enum(['a', 'b']).describe('Which one.'),
    note: z.string().optional(),
  });
  expect(inputTable(schema, 'Setting')).toBe(
    [
      '| Setting | Values | Default | What it does |',
      '| --- | --- | --- | --- |',
      '| `size` | whole number, 1 to 9 | `3` | How large. |',
      '| `kind` | `a`, `b` | required | Which one. |',
      '| `note` | text |  |  |',
    ].join('\n'),
  );
});

test('fields of objects, of elements of a list and of any key follow their parent', () => {
  const inner = z.strictObject({ x: z.number() });
  const schema = z.strictObject({ one: inner, many: z.array(inner), keyed: z.record(z.string(), inner) });
  expect(rowsOf(inputTable(schema, 'Setting')).map((row) => row.split('`')[1])).toEqual([
    'one',
    'one.x',
    'many',
    'many[].x',
    'keyed',
    'keyed.*.x',
  ]);
});

test('each form of an object names the constant that chooses it, and leaves out what it forbids', () => {
  const schema = z.strictObject({
    door: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('url'), domain: z.undefined().optional() }),
      z.strictObject({ kind: z.literal('api'), domain: z.string().describe('Its name.') }),
    ]),
  });
  expect(rowsOf(inputTable(schema, 'Setting')).slice(1)).toEqual([
    '| `door (kind: url).kind` | `url` | required |  |',
    '| `door (kind: api).kind` | `api` | required |  |',
    '| `door (kind: api).domain` | text | required | Its name. |',
  ]);
});

test('a description cannot break the table', () => {
  const schema = z.strictObject({ a: z.string().describe('this |\nor that') });
  expect(rowsOf(inputTable(schema, 'Setting'))).toEqual(['| `a` | text | required | this \\| or that |']);
});

test('an answer says where a field may be null', () => {
  const schema = z.object({ at: z.iso.datetime().nullable().describe('Null before the first time.') });
  expect(rowsOf(outputTable(schema))).toEqual(['| `at` | time (ISO 8601) or `null` | Null before the first time. |']);
});
