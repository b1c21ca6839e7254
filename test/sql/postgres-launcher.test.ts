import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { makeDatabase, startPostgres } from '../../local/postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'toolwatch-launcher-'));
chmodSync(folder, 0o755); // the server may run as another user, who must be able to reach its folder inside
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const queryValue = async (url: string, text: string): Promise<unknown> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query({ text, rowMode: 'array' });
  await client.end();
  return rows[0]?.[0];
};

test('data is retained between two starts, and creating the database again changes nothing', async () => {
  const data = join(folder, 'retained');
  const first = await startPostgres({ folder: data, port: 0 });
  await makeDatabase(first);
  await makeDatabase(first);
  expect(await queryValue(first.url, 'show server_version_num')).toMatch(/^18/);
  await expect(startPostgres({ folder: data, port: 0 })).rejects.toThrow(
    /A PostgreSQL \(process \d+\) already runs on .*retained/,
  );
  await first.stop();
  const second = await startPostgres({ folder: data, port: first.port });
  expect(await queryValue(second.url, "select rolcreaterole from pg_roles where rolname = 'toolwatch_owner'")).toBe(
    true,
  );
  await second.stop();
});

test('a server that was killed starts again', async () => {
  const data = join(folder, 'killed');
  const first = await startPostgres({ folder: data, port: 0 });
  const exited = new Promise((resolve) => first.process.once('exit', resolve));
  first.process.kill('SIGKILL');
  await exited;
  const second = await startPostgres({ folder: data, port: 0 });
  expect(await queryValue(second.url, 'select 1')).toBe(1);
  await second.stop();
});

test('a port in use is named in the error', async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) =>
    other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
  );
  await expect(startPostgres({ folder: join(folder, 'never'), port })).rejects.toThrow(`Port ${port} is in use`);
  other.close();
});

test('an incomplete database, or one of another version, is named in the error with what to do', async () => {
  const damaged = join(folder, 'damaged');
  mkdirSync(damaged);
  writeFileSync(join(damaged, 'notes.txt'), '');
  await expect(startPostgres({ folder: damaged, port: 0 })).rejects.toThrow(
    /damaged holds no complete database; remove it/,
  );
  const old = join(folder, 'old');
  mkdirSync(join(old, 'global'), { recursive: true });
  writeFileSync(join(old, 'PG_VERSION'), '15\n');
  await expect(startPostgres({ folder: old, port: 0 })).rejects.toThrow(/of PostgreSQL 15, this is 18/);
});

test("a damaged database is reported with the server's own message", async () => {
  const data = join(folder, 'broken');
  const server = await startPostgres({ folder: data, port: 0 });
  await server.stop();
  writeFileSync(join(data, 'global/pg_control'), 'rubbish');
  await expect(startPostgres({ folder: data, port: 0 })).rejects.toThrow(
    /may be damaged; remove it to start afresh: .*pg_control/,
  );
});
