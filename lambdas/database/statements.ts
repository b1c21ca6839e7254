import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder `sql`: beside the bundle, or at the root of the repository. */
export const findSqlFolder = (): URL => {
  const beside = new URL('./sql/', import.meta.url);
  return existsSync(fileURLToPath(beside)) ? beside : new URL('../../sql/', import.meta.url);
};

const texts = new Map<string, string>();

/** The text of `sql/queries/<name>.sql`. Each file is read once. */
export const readStatement = (name: string): string => {
  const text = texts.get(name) ?? readFileSync(new URL(`queries/${name}.sql`, findSqlFolder()), 'utf8');
  texts.set(name, text);
  return text;
};
