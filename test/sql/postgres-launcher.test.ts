import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { findRunningServer } from '../../local/postgres/access.ts';
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

test('a server that was killed starts again, on the same socket', async () => {
  const data = join(folder, 'killed');
  const first = await startPostgres({ folder: data, port: 0 });
  const exited = new Promise((resolve) => first.process.once('exit', resolve));
  first.process.kill('SIGKILL');
  await exited;
  const second = await startPostgres({ folder: data, port: first.port });
  expect(await queryValue(second.url, 'select 1')).toBe(1);
  expect(second.socketUrl).toBe(first.socketUrl);
  await second.stop();
});

describe('who may sign in', () => {
  /** The error of signing in at the server's port, or undefined. */
  const signIn = async (port: number, user: string, password?: string): Promise<string | undefined> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user, password, database: 'postgres' });
    try {
      await client.connect();
      return undefined;
    } catch (error) {
      return String(error);
    } finally {
      await client.end();
    }
  };
  const passwordOf = (url: string): string => new URL(url).password;

  test('over the network, nobody without a password, and with one the superuser alone', async () => {
    const server = await startPostgres({ folder: join(folder, 'access'), port: 0 });
    try {
      await makeDatabase(server);
      const password = passwordOf(server.url);
      expect(password.length).toBeGreaterThanOrEqual(32);
      expect(await signIn(server.port, 'postgres', password)).toBeUndefined();
      for (const user of ['postgres', 'toolwatch_owner', 'nobody']) {
        expect(await signIn(server.port, user), user).toMatch(/password/);
        expect(await signIn(server.port, user, 'postgres'), user).toMatch(/password authentication failed/);
      }
      expect(await signIn(server.port, 'toolwatch_owner', password)).toMatch(/password authentication failed/);
    } finally {
      await server.stop();
    }
  });

  test('over the socket every user, and only the server’s own user may enter its folder', async () => {
    const data = join(folder, 'socket');
    const server = await startPostgres({ folder: data, port: 0 });
    const socketFolder = decodeURIComponent(new URL(server.socketUrl).hostname);
    try {
      await makeDatabase(server);
      const url = findRunningServer(data, 'toolwatch_owner', 'toolwatch');
      expect(await queryValue(url, 'select session_user')).toBe('toolwatch_owner');
      expect(statSync(socketFolder).mode & 0o777).toBe(0o700);
      expect(statSync(socketFolder).uid).toBe(statSync(data).uid);
      const passwordFile = join(data, 'superuser-password');
      expect(statSync(passwordFile).mode & 0o777).toBe(0o600);
    } finally {
      await server.stop();
    }
    expect(existsSync(socketFolder)).toBe(false);
    expect(() => findRunningServer(data, 'toolwatch_owner', 'toolwatch')).toThrow(
      `No PostgreSQL runs on ${data}: start it with npm start, or name one with --url.`,
    );
  });

  test('a data folder that trusts everybody does so no longer after its next start, and keeps its password', async () => {
    const data = join(folder, 'upgraded');
    const first = await startPostgres({ folder: data, port: 0 });
    await makeDatabase(first);
    await first.stop();
    writeFileSync(join(data, 'pg_hba.conf'), 'local all all trust\nhost all all all trust\n');
    rmSync(join(data, 'superuser-password'), { force: true });

    const second = await startPostgres({ folder: data, port: 0 });
    expect(await signIn(second.port, 'postgres')).toMatch(/password/);
    expect(await signIn(second.port, 'toolwatch_owner')).toMatch(/password/);
    expect(await queryValue(second.url, 'select 1')).toBe(1);
    await second.stop();

    const third = await startPostgres({ folder: data, port: 0 });
    expect(passwordOf(third.url)).toBe(passwordOf(second.url));
    expect(await queryValue(third.url, 'select 1')).toBe(1);
    await third.stop();
  });

  test('a link or a folder that others may enter, in place of the socket’s folder, is not used', async () => {
    const data = join(folder, 'deceived');
    const first = await startPostgres({ folder: data, port: 0 });
    await first.stop();
    const open = mkdtempSync(join(tmpdir(), 'toolwatch-open-'));
    chmodSync(open, 0o777);
    writeFileSync(join(data, 'socket-folder'), open);
    const second = await startPostgres({ folder: data, port: 0 });
    expect(decodeURIComponent(new URL(second.socketUrl).hostname)).not.toBe(open);
    await second.stop();
    expect(existsSync(open)).toBe(true);
    rmSync(open, { recursive: true });
  });
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
