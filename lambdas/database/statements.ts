import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder `sql`: beside the bundle, or at the top of the tree. */
export const sqlFolder = (): URL => {
  const beside = new URL('./sql/', import.meta.url);
  return existsSync(fileURLToPath(beside)) ? beside : new URL('../../sql/', import.meta.url);
};

const read = new Map<string, string>();

/** The text of `sql/queries/<name>.sql`, read once. */
export const statement = (name: string): string => {
  const text = read.get(name) ?? readFileSync(new URL(`queries/${name}.sql`, sqlFolder()), 'utf8');
  read.set(name, text);
  return text;
};
