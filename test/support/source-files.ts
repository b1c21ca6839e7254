import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** The files below a folder of the project that end in one of `endings`, as paths from the project's root with forward slashes. */
export const filesBelow = (folder: string, endings = ['.ts', '.tsx']): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();

export const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** What a source file imports: files of the project as paths from its root, packages by their specifier. */
export const importsOf = (file: string): string[] => {
  const specifiers = [...read(file).matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g)].map(
    (match) => match[2] ?? '',
  );
  return specifiers.map((specifier) =>
    specifier.startsWith('.')
      ? relative(root, resolve(root, dirname(file), specifier))
          .split(sep)
          .join('/')
      : specifier,
  );
};
