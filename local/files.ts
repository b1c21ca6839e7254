import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The paths of all files of a folder, at any depth; of a file its own path, and none of what does not exist. */
export const filesBelow = (path: string): string[] => {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status) return [];
  return status.isFile()
    ? [path]
    : readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry: Dirent) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name));
};
