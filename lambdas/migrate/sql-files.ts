import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

export interface SqlFile {
  name: string;
  text: string;
  /** SHA-256 of the text. */
  checksum: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The SQL files of a folder, sorted by name: the order in which they run. */
export const readSqlFiles = (folder: URL): SqlFile[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      // A checkout with other line endings is still the same file.
      const text = readFileSync(new URL(name, folder), 'utf8').replaceAll('\r\n', '\n');
      return { name, text, checksum: sha256(text) };
    });

/** One checksum over several files, names included. */
export const checksumOf = (files: SqlFile[]): string =>
  sha256(files.map(({ name, checksum }) => `${name} ${checksum}\n`).join(''));
