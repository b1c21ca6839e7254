import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a function answers: its result, or how it failed, as JSON either way. */
export interface Answer {
  payload: string;
  failed: boolean;
}

/** What went wrong, in the words of a failed answer. */
export const errorMessageIn = (payload: string): string => {
  const { errorMessage = payload } = JSON.parse(payload) as { errorMessage?: string };
  return errorMessage;
};

export interface Invocation {
  id: string;
  /** JSON. */
  event: string;
  arn: string;
  clientContext: unknown;
}

export interface EnvironmentOptions {
  handler: string;
  folder: string;
  memoryMb: number;
  timeoutMs: number;
  variables: Record<string, string>;
  /** A line of stdout or stderr. */
  onLine: (line: string) => void;
}

/** One process with a function's code in it, used for one invocation at a time and kept for the next. */
export interface Environment {
  invoke(invocation: Invocation): Promise<Answer>;
  /** False once the process has ended or is about to. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

/** Lambda's limit on loading a function's code, in milliseconds. */
const INIT_LIMIT_MS = 10_000;
const BOOTSTRAP = join(import.meta.dirname, 'bootstrap.mjs');

type Message =
  | { ready: true }
  | { payload: string; error?: never }
  | { error: { errorType: string; errorMessage: string } };

const failure = (id: string, errorType: string, why: string): Answer => ({
  payload: JSON.stringify({ errorType, errorMessage: `RequestId: ${id} Error: ${why}` }),
  failed: true,
});

const timedOut = (id: string, ms: number): Answer =>
  failure(id, 'Sandbox.Timedout', `Task timed out after ${(ms / 1_000).toFixed(2)} seconds`);

const exited = (id: string, { exitCode, signalCode }: ChildProcess): Answer =>
  failure(
    id,
    'Runtime.ExitError',
    `Runtime exited with error: ${signalCode ? `signal: ${signalCode.slice(3).toLowerCase()}` : `exit status ${exitCode}`}`,
  );

/** Starts the process; its code is loaded before its first invocation is handed over. */
export const startEnvironment = (options: EnvironmentOptions): Environment => {
  const { handler, folder, memoryMb, timeoutMs, variables, onLine } = options;
  const child = fork(BOOTSTRAP, [], {
    cwd: folder,
    execArgv: [`--max-old-space-size=${memoryMb}`, '--no-warnings'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...variables, _HANDLER: handler, LAMBDA_TASK_ROOT: folder },
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', onLine);
  }
  let alive = true;
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      alive = false;
      resolve();
    }),
  );

  const inbox: Message[] = [];
  let waiting: ((message: Message | 'ended' | 'late') => void) | undefined;
  const give = (message: Message | 'ended' | 'late') => {
    const receiver = waiting;
    waiting = undefined;
    if (receiver) receiver(message);
    else if (typeof message === 'object') inbox.push(message);
  };
  child.on('message', (message: Message) => give(message));
  child.on('error', () => give('ended'));
  ended.then(() => give('ended'));

  /** The next message, or that there will be none. What comes later than `ms` is not waited for. */
  const next = (ms: number): Promise<Message | 'ended' | 'late'> => {
    const there = inbox.shift();
    if (there) return Promise.resolve(there);
    if (!alive) return Promise.resolve('ended');
    return new Promise((resolve) => {
      const timer = setTimeout(give, ms, 'late');
      waiting = (message) => {
        clearTimeout(timer);
        resolve(message);
      };
    });
  };

  const kill = async () => {
    alive = false;
    child.kill('SIGKILL');
    await ended;
  };

  let loaded = false;
  const load = async (id: string): Promise<Answer | undefined> => {
    const message = await next(INIT_LIMIT_MS);
    loaded = message !== 'ended' && message !== 'late' && 'ready' in message;
    if (loaded) return undefined;
    if (message === 'late') {
      await kill();
      return timedOut(id, INIT_LIMIT_MS);
    }
    await ended;
    if (message === 'ended' || 'ready' in message) return exited(id, child);
    return { payload: JSON.stringify(message.error), failed: true };
  };

  return {
    isAlive: () => alive,
    invoke: async ({ id, event, arn, clientContext }) => {
      const unloaded = loaded ? undefined : await load(id);
      if (unloaded) return unloaded;
      child.send({ id, event, arn, clientContext, deadline: Date.now() + timeoutMs });
      const message = await next(timeoutMs);
      if (message === 'late') {
        await kill();
        return timedOut(id, timeoutMs);
      }
      if (message === 'ended') return exited(id, child);
      if ('ready' in message) throw new Error('a process was ready twice');
      return message.error
        ? { payload: JSON.stringify(message.error), failed: true }
        : { payload: message.payload, failed: false };
    },
    stop: kill,
  };
};
