import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Assembly, readAssembly } from '../emulator/cloudformation/template.ts';
import type { Settings } from '../lib/settings.ts';
import { filesBelow } from './files.ts';

const root = join(import.meta.dirname, '..');

/** The files and folders of this project from which stacks and functions are made, beside the settings. */
export const SOURCES = [
  'package.json',
  // npm writes it at the end of each installation.
  'node_modules/.package-lock.json',
  'dashboard',
  'lambdas',
  'lib',
  'sql',
  // Alarms link to its headings.
  'docs/runbook.md',
  'tsconfig.json',
].map((name) => join(root, name));

/** A fingerprint of everything from which an assembly is synthesized: equal only for equal assemblies. */
export const fingerprintSources = (settings: Settings, sources: readonly string[] = SOURCES): string => {
  const { caFile } = settings.database;
  const hash = createHash('sha256').update(JSON.stringify([process.version, settings]));
  for (const file of [...sources, ...(caFile === undefined ? [] : [caFile])].flatMap(filesBelow).sort())
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest('hex');
};

/** In the folder itself: whoever synthesizes it anew empties it first. */
const fingerprintFileOf = (folder: string): string => join(folder, 'fingerprint');

/** The assembly that a folder holds, if it was synthesized from what has this fingerprint. */
export const readLastSynthesis = (folder: string, fingerprint: string): Assembly | undefined => {
  const file = fingerprintFileOf(folder);
  return existsSync(file) && readFileSync(file, 'utf8') === fingerprint ? readAssembly(folder) : undefined;
};

/** Notes that a folder holds the assembly of what has this fingerprint. */
export const noteSynthesis = (folder: string, fingerprint: string): void =>
  writeFileSync(fingerprintFileOf(folder), fingerprint);
