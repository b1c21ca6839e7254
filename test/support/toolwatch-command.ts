import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Cloud } from '../../emulator/cloud.ts';
import { root } from './source-files.ts';

/** Runs `toolwatch` against the emulator as a person does, to its exit. */
export const runToolwatch = async (cloud: Pick<Cloud, 'endpoint'>, ...args: string[]) => {
  const child = spawn(process.execPath, [join(root, 'bin/toolwatch.mjs'), ...args], {
    cwd: root,
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'operator',
      AWS_SECRET_ACCESS_KEY: 'operator',
    },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, stdout, stderr };
};
