import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** How often files are looked at. Looking at a few hundred takes milliseconds, and misses no editor that replaces what it writes. */
const LOOK_MS = 1_000;

const filesBelow = (path: string): string[] =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry: Dirent) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name));

const stateOf = (paths: readonly string[]): string => {
  try {
    return paths
      .flatMap(filesBelow)
      .map((file) => `${file} ${statSync(file).mtimeMs}`)
      .join('\n');
  } catch {
    return 'a file went away while it was looked at';
  }
};

/** Does the work after files below these paths have changed, and are quiet for a second; never twice at the same time. The answer ends it. */
export const watch = (paths: readonly string[], work: () => Promise<unknown>): (() => void) => {
  let done = stateOf(paths);
  let last = done;
  let working = false;
  const look = async () => {
    if (working) return;
    const now = stateOf(paths);
    const isQuiet = now === last;
    last = now;
    if (!isQuiet || now === done) return;
    done = now;
    working = true;
    await work().finally(() => {
      working = false;
    });
  };
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
};
