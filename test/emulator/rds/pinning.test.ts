import { expect, test } from 'vitest';
import { createStatementTap, pinReasonOf } from '../../../emulator/rds/pinning.ts';

test.each([
  ["set search_path = 'analytics'", 'a SET statement'],
  ['reset all', 'a SET statement'],
  ["select set_config('app.tenant_id', $1, true)", 'a parameter set by set_config'],
  ['prepare plan as select 1', 'a prepared statement'],
  ['discard all', 'a DISCARD statement'],
  ['listen changes', 'a LISTEN statement'],
  ["load 'auto_explain'", 'a library module'],
  ['declare rows cursor for select 1', 'a cursor'],
  ['create temp table mine (id int)', 'a temporary object'],
  ["with batch as (select nextval('ids')) select * from batch", 'a sequence'],
  ['select pg_try_advisory_lock(1)', 'an advisory lock of the session'],
  [`select '${'x'.repeat(16 * 1_024)}'`, 'a statement of more than 16 KB'],
])('a session is pinned by its statement (%#)', (sql, reason) => {
  expect(pinReasonOf(sql)).toBe(reason);
});

test.each([
  'select 1',
  'begin transaction read only',
  "update settings set value = 'x'",
  'select pg_advisory_xact_lock(1)',
  'copy calls from stdin',
  'notify changes',
])('a session is not pinned by %s', (sql) => {
  expect(pinReasonOf(sql)).toBeUndefined();
});

const message = (type: string, body: string): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(Buffer.byteLength(body) + 4, 1);
  return Buffer.concat([head, Buffer.from(body)]);
};

test('statements are reported however the bytes arrive, and the bytes pass unchanged', async () => {
  const statements: string[] = [];
  const tap = createStatementTap((sql) => statements.push(sql));
  const sent = Buffer.concat([
    message('Q', 'select 1\0'),
    message('P', 'name\0select $1\0\0\0'),
    message('B', '\0\0set x\0'),
    message('X', ''),
  ]);
  const passed: Buffer[] = [];
  tap.on('data', (chunk: Buffer) => passed.push(chunk));
  for (const byte of sent) tap.write(Buffer.from([byte]));
  tap.end();
  await new Promise((resolve) => tap.once('end', resolve));
  expect(statements).toEqual(['select 1', 'select $1']);
  expect(Buffer.concat(passed).equals(sent)).toBe(true);
});
