import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inject } from 'vitest';
import { root } from './source-files.ts';

/** Runs a program and waits for its end. Throws, with all it printed, when its exit status is not 0. */
export const runProgram = (command: string, args: readonly string[], options: SpawnSyncOptions) => {
  const { status, stdout, stderr } = spawnSync(command, args, { ...options, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return { stdout, stderr };
};

/** Builds the package as it is published and writes its tarball into a folder. Returns the tarball's path. */
export const buildPackage = (folder: string): string => {
  runProgram('npm', ['pack', '--offline', '--silent', '--pack-destination', folder], { cwd: root });
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (!tarball) throw new Error('npm pack wrote no tarball');
  return join(folder, tarball);
};

/** Copies the tarball of the package as it is published into a folder. Returns the copy's path. */
export const packPackage = (folder: string): string => {
  const tarball = inject('tarball');
  const copy = join(folder, basename(tarball));
  copyFileSync(tarball, copy);
  return copy;
};
