import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isProcessAlive } from './process.ts';

/**
 * Makes this process the only one that uses a folder; call the result to release it. Throws when another process uses
 * it.
 */
export const lockFolder = (folder: string): (() => void) => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'running.pid');
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = Number(readFileSync(file, 'utf8'));
    if (holder > 0 && holder !== process.pid && isProcessAlive(holder)) {
      throw new Error(`Toolwatch already runs on ${folder} (process ${holder}); stop that process first.`);
    }
    writeFileSync(file, String(process.pid)); // the process that wrote it ended without releasing the lock
  }
  return () => rmSync(file, { force: true });
};
