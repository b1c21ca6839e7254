import { join, resolve } from 'node:path';
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
