import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What an invocation returns: the function's result or its error, as JSON. */
export interface InvocationResult {
  payload: string;
  failed: boolean;
}

/** The error message in the payload of a failed invocation. */
export const errorMessageIn = (payload: string): string => {
  const { errorMessage = payload } = JSON.parse(payload) as { errorMessage?: string };
  return errorMessage;
};

interface Invocation {
  id: string;
  /** JSON. */
  event: string;
  arn: string;
  clientContext: unknown;
  /** Receives each part of the answer as it comes; without it the answer is collected. */
  onChunk?: OnChunk | undefined;
}

export type OnChunk = (chunk: Buffer) => void;

export interface EnvironmentOptions {
  handler: string;
  folder: string;
  memoryMb: number;
  timeoutMs: number;
  variables: Record<string, string>;
  /** Receives each line of stdout and stderr. */
  onLine: (line: string) => void;
}

/** An execution environment: a process with a function's code, for one invocation at a time, reused for later ones. */
export interface Environment {
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /** False once the process has ended or is about to. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

/**
 * Lambda's limit on loading a function's code, in milliseconds. Beyond it Lambda begins again at the first invocation,
 * within that one's time limit.
 */
const INIT_TIMEOUT_MS = 10_000;
const BOOTSTRAP = join(import.meta.dirname, 'bootstrap.mjs');

/** What `bootstrap.mjs` sends. */
type Message =
  | { ready: true }
  | { payload: string }
  /** A part of a streamed answer, in base64, and its end. */
  | { chunk: string }
  | { streamed: true }
  | { error: { errorType: string; errorMessage: string } };
type Received = Message | 'ended' | 'timeout';

const platformError = (id: string, errorType: string, message: string): InvocationResult => ({
  payload: JSON.stringify({ errorType, errorMessage: `RequestId: ${id} Error: ${message}` }),
  failed: true,
});

const timeoutError = (id: string, ms: number): InvocationResult =>
  platformError(id, 'Sandbox.Timedout', `Task timed out after ${(ms / 1_000).toFixed(2)} seconds`);

const exitError = (id: string, { exitCode, signalCode }: ChildProcess): InvocationResult => {
  const cause = signalCode ? `signal: ${signalCode.slice(3).toLowerCase()}` : `exit status ${exitCode}`;
  return platformError(id, 'Runtime.ExitError', `Runtime exited with error: ${cause}`);
};

const handlerError = (error: object): InvocationResult => ({ payload: JSON.stringify(error), failed: true });

/** Lambda's limit on an answer that is not streamed on, in bytes. */
const MAX_ANSWER_BYTES = 6_291_556;

/** What a caller that waits receives of a streamed answer: all of it at once. */
const collectedAnswer = (chunks: readonly Buffer[]): InvocationResult => {
  const answer = Buffer.concat(chunks);
  if (answer.length <= MAX_ANSWER_BYTES) return { payload: answer.toString('utf8'), failed: false };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_ANSWER_BYTES} bytes).`;
  return handlerError({ errorType: 'Function.ResponseSizeTooLarge', errorMessage });
};

/** The messages of a process, in order, for one receiver at a time. */
class Inbox {
  private readonly messages: Message[] = [];
  private deliver: ((received: Received) => void) | undefined;

  put(received: Received): void {
    const { deliver } = this;
    this.deliver = undefined;
    if (deliver) deliver(received);
    else if (typeof received === 'object') this.messages.push(received);
  }

  /** The next message, `ended` if the process ends without one, or `timeout` after `ms`. */
  next(ms: number, isAlive: boolean): Promise<Received> {
    const message = this.messages.shift();
    if (message) return Promise.resolve(message);
    if (!isAlive) return Promise.resolve('ended');
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.put('timeout'), ms);
      this.deliver = (received) => {
        clearTimeout(timer);
        resolve(received);
      };
    });
  }
}

const startProcess = ({ handler, folder, memoryMb, variables, onLine }: EnvironmentOptions): ChildProcess => {
  const child = fork(BOOTSTRAP, [], {
    cwd: folder,
    execArgv: [`--max-old-space-size=${memoryMb}`, '--no-warnings'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...variables, _HANDLER: handler, LAMBDA_TASK_ROOT: folder },
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', onLine);
  }
  return child;
};

/** Starts a process that loads a function's code. */
const launch = (options: EnvironmentOptions) => {
  const child = startProcess(options);
  const inbox = new Inbox();
  let isAlive = true;
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      isAlive = false;
      resolve();
    }),
  );
  child.on('message', (message: Message) => inbox.put(message));
  child.on('error', () => inbox.put('ended'));
  ended.then(() => inbox.put('ended'));
  return {
    child,
    ended,
    isAlive: () => isAlive,
    next: (ms: number) => inbox.next(Math.max(0, ms), isAlive),
    kill: async () => {
      isAlive = false;
      child.kill('SIGKILL');
      await ended;
    },
  };
};

/** Starts the process, which loads the function's code; the first invocation waits until it has. */
export const startEnvironment = (options: EnvironmentOptions): Environment => {
  const { timeoutMs } = options;
  let running = launch(options);
  let isLoaded = false;
  let isStopped = false;

  const expire = async (id: string): Promise<InvocationResult> => {
    await running.kill();
    return timeoutError(id, timeoutMs);
  };

  /** Code that takes too long to load is loaded once more, within the time limit of the invocation that waits. */
  const loadAgain = async (deadline: number): Promise<Received> => {
    await running.kill();
    if (isStopped) return 'ended';
    running = launch(options);
    return running.next(deadline - Date.now());
  };

  /** Waits until the code is loaded; returns the end of the invocation's time, or the error when it cannot be. */
  const load = async (id: string): Promise<number | InvocationResult> => {
    let deadline: number | undefined;
    let message = await running.next(INIT_TIMEOUT_MS);
    if (message === 'timeout') {
      deadline = Date.now() + timeoutMs;
      message = await loadAgain(deadline);
    }
    isLoaded = typeof message === 'object' && 'ready' in message;
    if (isLoaded) return deadline ?? Date.now() + timeoutMs;
    if (message === 'timeout') return expire(id);
    await running.ended;
    return typeof message === 'object' && 'error' in message
      ? handlerError(message.error)
      : exitError(id, running.child);
  };

  return {
    isAlive: () => running.isAlive(),
    invoke: async ({ id, event, arn, clientContext, onChunk }) => {
      const deadline = isLoaded ? Date.now() + timeoutMs : await load(id);
      if (typeof deadline === 'object') return deadline;
      running.child.send({ id, event, arn, clientContext, deadline });
      const chunks: Buffer[] = [];
      const takeChunk = onChunk ?? ((chunk: Buffer) => chunks.push(chunk));
      for (;;) {
        const message = await running.next(deadline - Date.now());
        if (message === 'timeout') return expire(id);
        if (message === 'ended') return exitError(id, running.child);
        if ('ready' in message) throw new Error('a process reported twice that it is ready');
        if ('error' in message) return handlerError(message.error);
        if ('streamed' in message) return collectedAnswer(chunks);
        if ('payload' in message) {
          onChunk?.(Buffer.from(message.payload));
          return { payload: message.payload, failed: false };
        }
        takeChunk(Buffer.from(message.chunk, 'base64'));
      }
    },
    stop: async () => {
      isStopped = true;
      await running.kill();
    },
  };
};
