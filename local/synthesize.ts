import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Assembly, readAssembly } from '../emulator/cloudformation/template.ts';
import { type AppOptions, synthesizeApp } from '../lib/app.ts';
import type { Settings } from '../lib/settings.ts';

const PACKAGES = join(import.meta.dirname, '../node_modules');

/**
 * Writes the app's cloud assembly, as it would be deployed, to a folder and reads it back. Bundles the code, unless it is
 * given.
 */
export const synthesize = (
  settings: Settings,
  folder: string,
  given: Pick<AppOptions, 'bundles' | 'tools'> = {},
): Assembly => {
  rmSync(folder, { recursive: true, force: true });
  synthesizeApp(settings, { outdir: folder, comparesWithSchemas: false, ...given });
  // Bundles leave out the AWS SDK because Lambda's runtime has it; here functions use the project's own.
  symlinkSync(PACKAGES, join(folder, 'node_modules'));
  return readAssembly(folder);
};
