import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Assembly, readAssembly } from '../emulator/cloudformation/template.ts';
import type { Settings } from '../lib/settings.ts';

const CHILD = join(import.meta.dirname, 'synthesize-child.ts');
/** Where `tsx` is found. */
const ROOT = join(import.meta.dirname, '..');

/**
 * The app synthesized in a process of its own, which reads code and tools anew, as they are now. Rejects with what that
 * process said when it failed.
 */
export const synthesizeApart = async (settings: Settings, folder: string): Promise<Assembly> => {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD], { cwd: ROOT, stdio: ['pipe', 'ignore', 'pipe'] });
  const complaint = text(child.stderr);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdin.end(JSON.stringify({ settings, folder }));
  if ((await ended) !== 0) throw new Error((await complaint).trim());
  return readAssembly(folder);
};
