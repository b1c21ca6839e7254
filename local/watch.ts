import { watch as watchPath } from 'node:fs';

/** An editor writes a file in several steps. */
const QUIET_MS = 300;

/** Does the work once after each change below these paths, never twice at the same time; the answer ends it. */
export const watch = (paths: readonly string[], work: () => Promise<unknown>): (() => void) => {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<unknown> = Promise.resolve();
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      working = working.then(work);
    }, QUIET_MS);
  };
  const watchers = paths.map((path) => watchPath(path, { recursive: true }, changed));
  return () => {
    clearTimeout(timer);
    for (const one of watchers) one.close();
  };
};
