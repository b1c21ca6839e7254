import { loadFileSystem } from '../line/node-modules.ts';

const STDOUT = 1;

let isRead: boolean | undefined;

function findTerminal(): boolean {
  try {
    // A pipe or a file is neither, and must not meet process.stdout: its first use costs milliseconds.
    return loadFileSystem().fstatSync(STDOUT).isCharacterDevice() && process.stdout.isTTY === true;
  } catch {
    return false;
  }
}

/** True when a person reads the log as it is written. On Lambda and in a pipe, programs do, and they read JSON. */
export function isTerminal(): boolean {
  isRead ??= process.env.AWS_LAMBDA_FUNCTION_NAME === undefined && findTerminal();
  return isRead;
}

/** Whether to colour what a person reads: https://no-color.org. */
export function isColoured(): boolean {
  return !process.env.NO_COLOR;
}
