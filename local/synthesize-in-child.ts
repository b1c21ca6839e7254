import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Assembly, readAssembly } from '../emulator/cloudformation/template.ts';
import type { Settings } from '../lib/settings.ts';

const CHILD = join(import.meta.dirname, 'synthesize-child.ts');
/** The folder from which Node finds `tsx`. */
const ROOT = join(import.meta.dirname, '..');

/**
 * Synthesizes the app in a process of its own: this one would reuse the code and tools it has already loaded, and could do
 * nothing else meanwhile. Rejects with that process's error output, or with the signal's reason once it aborts.
 */
export const synthesizeInChild = async (settings: Settings, folder: string, signal: AbortSignal): Promise<Assembly> => {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD], { cwd: ROOT, stdio: ['pipe', 'ignore', 'pipe'] });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  const errorOutput = text(child.stderr);
  const exitCode = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdin.end(JSON.stringify({ settings, folder }));
  const code = await exitCode;
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (code !== 0) throw new Error((await errorOutput).trim());
  return readAssembly(folder);
};
