import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { LocalFunction } from './lambda-endpoint.ts';
import { root } from './source-files.ts';

const RUN = `
  const [file, event] = process.argv.slice(1);
  const { default: tool } = await import(file);
  process.stdout.write = () => true;
  const answer = await tool(JSON.parse(event), {});
  process.send(answer);
  process.disconnect();
`;

/** Runs a tool in its own process and, like Lambda, kills it when it exceeds its time limit. */
export const runInOwnProcess =
  (file: string, timeoutSeconds: number): LocalFunction =>
  (event) =>
    new Promise((resolve) => {
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '-e', RUN, `${root}/${file}`, JSON.stringify(event)],
        { cwd: root, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
      );
      const errorOutput = child.stderr ? text(child.stderr) : '';
      const killer = setTimeout(() => child.kill('SIGKILL'), timeoutSeconds * 1_000);
      child.once('message', resolve);
      child.once('exit', async (code, signal) => {
        clearTimeout(killer);
        const errorMessage = signal
          ? `2026-11-20T12:00:00.000Z 6a5f Task timed out after ${timeoutSeconds}.00 seconds`
          : await errorOutput;
        if (code !== 0) resolve({ killed: { errorType: 'Sandbox.Timedout', errorMessage } });
      });
    });
