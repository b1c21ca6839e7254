import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Assembly, readAssembly } from '../emulator/cloudformation/template.ts';
import { buildApp } from '../lib/app.ts';
import type { Settings } from '../lib/settings.ts';

const PACKAGES = join(import.meta.dirname, '../node_modules');

/** The app as it would be deployed, written to a folder and read back. */
export const synthesize = (settings: Settings, folder: string): Assembly => {
  rmSync(folder, { recursive: true, force: true });
  buildApp(settings, { outdir: folder }).synth();
  // The AWS SDK is part of Lambda's runtime and so in no bundle; here functions find the project's.
  symlinkSync(PACKAGES, join(folder, 'node_modules'));
  return readAssembly(folder);
};
