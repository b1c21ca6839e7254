import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ADMIN_CREDENTIALS } from '../emulator/iam/iam.ts';
import { findRunningServer } from './postgres/access.ts';

/** Where `npm start` keeps what survives it, unless another folder is chosen. */
export const DEFAULT_FOLDER = join(import.meta.dirname, '../.toolwatch');
/** The name of the store's database. */
export const DATABASE = 'toolwatch';

/** The data folder of a run's PostgreSQL. */
export const postgresFolderOf = (folder: string): string => join(folder, 'postgres');

/**
 * A user's URL of the store that `npm start` runs on a folder. Throws a sentence that says what to do when none runs
 * there.
 */
export const findLocalStore = (user: string, folder = DEFAULT_FOLDER): string =>
  findRunningServer(postgresFolderOf(resolve(folder)), user, DATABASE);

const endpointFileOf = (folder: string): string => join(folder, 'aws-endpoint');

/** Notes where the AWS of a run answers, for commands on this machine; call the result to remove the note. */
export const noteLocalAws = (folder: string, endpoint: string): (() => void) => {
  const file = endpointFileOf(folder);
  writeFileSync(file, endpoint);
  return () => rmSync(file, { force: true });
};

/**
 * What a client of AWS needs to reach the `npm start` that runs on a folder, as the account's administrator. Throws a
 * sentence that says what to do when none runs there.
 */
export const findLocalAws = (folder = DEFAULT_FOLDER) => {
  let endpoint: string;
  try {
    endpoint = readFileSync(endpointFileOf(resolve(folder)), 'utf8');
  } catch {
    throw new Error(`Nothing runs on ${resolve(folder)}: start it with npm start, or leave out --local to ask AWS.`);
  }
  return { endpoint, region: 'us-east-1', credentials: ADMIN_CREDENTIALS };
};
