import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { giveToServer, readServerRecord, unprivilegedIds } from './data-folder.ts';

/**
 * Who may sign in. The socket is in a folder that only the server's own user (and root) may enter, so whoever reaches
 * it may be every user: the emulator signs functions in that way, after it has checked their tokens. Over the network
 * a password is needed, and only the superuser has one: it could run programs as the user that runs the server.
 */
const ACCESS_RULES = `# Written at each start: changes made here are lost.
local all all trust
host all all 127.0.0.1/32 scram-sha-256
`;

/** The length of a socket's path that Linux and macOS both allow, in bytes. */
const MAX_SOCKET_PATH_BYTES = 103;
const FOLDER_PREFIX = 'toolwatch-';
/** How many characters a temporary folder's name gets after its prefix. */
const RANDOM_CHARACTERS = 6;
/** What a socket's path has at most after the folder of temporary files, in bytes. */
const MAX_NAME_BYTES = `/${FOLDER_PREFIX}`.length + RANDOM_CHARACTERS + '/.s.PGSQL.65535'.length;
/** In the data folder: the path of the socket's folder, and the superuser's password. */
const SOCKET_FOLDER_FILE = 'socket-folder';
const PASSWORD_FILE = 'superuser-password';

/** True for a folder, and no link to one, that only the server's user may enter. */
const isPrivateFolder = (path: string): boolean => {
  const found = lstatSync(path, { throwIfNoEntry: false });
  const owner = unprivilegedIds()?.uid ?? process.getuid?.();
  return found?.isDirectory() === true && found.uid === owner && (found.mode & 0o077) === 0;
};

const createSocketFolder = (): string => {
  const fits = (parent: string) => Buffer.byteLength(parent) + MAX_NAME_BYTES <= MAX_SOCKET_PATH_BYTES;
  const folder = mkdtempSync(join(fits(tmpdir()) ? tmpdir() : '/tmp', FOLDER_PREFIX)); // created with mode 0700
  giveToServer(folder);
  return folder;
};

/** The folder of the socket: the same one again when the server was not stopped in an orderly way. */
const prepareSocketFolder = (dataFolder: string): string => {
  const file = join(dataFolder, SOCKET_FOLDER_FILE);
  const earlier = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (isPrivateFolder(earlier)) return earlier;
  const folder = createSocketFolder();
  writeFileSync(file, folder);
  return folder;
};

const preparePassword = (dataFolder: string): string => {
  const file = join(dataFolder, PASSWORD_FILE);
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
};

/** How a server is reached, and with what. */
export interface Access {
  /** The folder of the socket on which the server trusts every user. */
  socketFolder: string;
  /** The superuser's, for the network; `setPassword` makes the server know it. */
  password: string;
}

/** Writes to a data folder who may sign in at the server that is started on it next. */
export const prepareAccess = (dataFolder: string): Access => {
  writeFileSync(join(dataFolder, 'pg_hba.conf'), ACCESS_RULES);
  return { socketFolder: prepareSocketFolder(dataFolder), password: preparePassword(dataFolder) };
};

/** The superuser's URL of a server's socket; another user's differs in the name only. */
export const socketUrlOf = (socketFolder: string, port: number): string =>
  `postgres://postgres@${encodeURIComponent(socketFolder)}:${port}/postgres`;

/**
 * A user's URL of the database `name` in the server that runs on a data folder, over its socket. Throws a sentence
 * that says what to do when none runs there, or when this process may not look.
 */
export const findRunningServer = (dataFolder: string, user: string, name: string): string => {
  const server = readServerRecord(dataFolder);
  if (!server) throw new Error(`No PostgreSQL runs on ${dataFolder}: start it with npm start, or name one with --url.`);
  const url = new URL(socketUrlOf(server.socketFolder, server.port));
  url.username = user;
  url.pathname = name;
  return url.href;
};
