import { statSync } from 'node:fs';
import { filesBelow } from './files.ts';

/**
 * Polling a few hundred files takes milliseconds, and unlike file events it misses no editor that replaces its files.
 */
const POLL_MS = 1_000;

/** Names and times of all files: it differs when anything has changed. */
const fingerprint = (paths: readonly string[]): string => {
  try {
    return paths
      .flatMap(filesBelow)
      .map((file) => `${file} ${statSync(file).mtimeMs}`)
      .join('\n');
  } catch {
    return 'a file was removed while the files were read';
  }
};

/**
 * Calls `work` after files below these paths have changed and then stayed unchanged for a second. Calls never overlap:
 * what changes during one leads to another. Call the result to stop watching.
 */
export const watch = (paths: readonly string[], work: () => Promise<unknown>): (() => void) => {
  let handled = fingerprint(paths);
  let latest = handled;
  let isWorking = false;
  const poll = async () => {
    if (isWorking) return;
    const current = fingerprint(paths);
    const isStable = current === latest;
    latest = current;
    if (!isStable || current === handled) return;
    handled = current;
    isWorking = true;
    await work().finally(() => {
      isWorking = false;
    });
  };
  const timer = setInterval(poll, POLL_MS);
  return () => clearInterval(timer);
};
