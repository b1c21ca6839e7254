import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isProcessAlive } from '../process.ts';

/** The major version that is deployed, and therefore run here. */
const MAJOR_VERSION = '18';
/** PostgreSQL refuses to run as root; root starts it as this user and group (`nobody`), which own no files. */
const UNPRIVILEGED_ID = 65_534;

/** The user and group that the server runs as, when that is not this process's own. */
export const unprivilegedIds = (): { uid: number; gid: number } | undefined =>
  process.getuid?.() === 0 ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : undefined;

/** Gives a file or a folder to the user that the server runs as. */
export const giveToServer = (path: string): void => {
  const ids = unprivilegedIds();
  if (ids) chownSync(path, ids.uid, ids.gid);
};

/** Throws when the folder holds something other than a database of this version, or when another server uses it. */
export const inspectFolder = (folder: string): 'empty' | 'database' => {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  if (files.length === 0) return 'empty';
  const version = files.includes('PG_VERSION') ? readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim() : undefined;
  if (!version || !files.includes('global'))
    throw new Error(`The folder ${folder} holds no complete database; remove it to start afresh`);
  if (version !== MAJOR_VERSION)
    throw new Error(`The database in ${folder} is of PostgreSQL ${version}, this is ${MAJOR_VERSION}; move it away`);
  const pid = readServerRecord(folder)?.pid ?? 0;
  if (pid > 0 && isProcessAlive(pid))
    throw new Error(`A PostgreSQL (process ${pid}) already runs on ${folder}; stop it or choose another folder`);
  return 'database';
};

/** What a server wrote about itself when it started, if it has not been stopped in an orderly way since. */
export const readServerRecord = (folder: string): { pid: number; port: number; socketFolder: string } | undefined => {
  const file = join(folder, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const [pid, , , port, socketFolder = ''] = readFileSync(file, 'utf8').split('\n');
  return { pid: Number(pid), port: Number(port), socketFolder };
};

/** Creates an empty database. It lets nobody in over the network until `prepareAccess` has said who may. */
export const initialiseFolder = (initdb: string, folder: string): void => {
  mkdirSync(folder, { recursive: true });
  giveToServer(folder);
  const access = ['--username=postgres', '--auth-local=trust', '--auth-host=reject'];
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--locale=C.UTF-8'];
  const options = [...access, ...locale, '--no-sync', '-D', folder];
  execFileSync(initdb, options, { stdio: 'pipe', cwd: folder, ...unprivilegedIds() });
};
