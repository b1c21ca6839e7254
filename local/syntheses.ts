import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud } from '../emulator/cloud.ts';

const PREFIX = 'again-';

/** The folder of a later synthesis of a run; the first one has the whole folder. */
export const folderOfSynthesis = (folder: string, count: number): string => join(folder, `${PREFIX}${count}`);

/** Removes the syntheses that were deployed again, but not the newest, nor one whose code a function still runs. */
export const removeUnusedSyntheses = (folder: string, cloud: Cloud, newest: string): void => {
  if (!existsSync(folder)) return;
  const inUse = cloud.lambda
    .functions()
    .flatMap(({ latest, published }) => [latest, ...published.values()])
    .map(({ configuration }) => configuration.folder);
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(PREFIX))) {
    const synthesis = join(folder, name);
    if (synthesis === newest || inUse.some((code) => code.startsWith(`${synthesis}/`))) continue;
    rmSync(synthesis, { recursive: true, force: true });
  }
};
