import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { Iam } from '../iam/iam.ts';
import type { Principal } from '../iam/policy.ts';
import type { OpenJournal } from '../journal.ts';
import { arnOf, type Place } from '../place.ts';
import { ASYNC_DEFAULTS, type AsyncConfig } from './async.ts';
import { AsyncQueue } from './async-queue.ts';
import type { InvocationResult, OnChunk } from './environment.ts';
import { EnvironmentPool, type PoolOptions } from './pool.ts';
import { type LambdaFunction, type Run, type RunContext, runOnce, writeFunctionLine } from './run.ts';
import { type Configuration, createVersions, versionFor } from './versions.ts';

export interface InvokeRequest {
  principal: Principal;
  /** A name or an ARN, with or without a version or an alias. */
  function: string;
  /** JSON. */
  event: string;
  clientContext?: unknown;
  /** Receives each part of a streamed answer as it comes. */
  onChunk?: OnChunk;
  /** Condition keys of the request, in lower case. */
  context?: Readonly<Record<string, string>>;
}

export interface LambdaOptions
  extends Pick<RunContext, 'clock' | 'logs' | 'metrics' | 's3' | 'onLoss'>,
    Omit<PoolOptions, 'onLine'> {
  /** How many invocations may run at the same time, over all functions; in AWS an account's limit. */
  concurrency?: number | undefined;
  /** 0 to 1, for aliases that shift; by default `Math.random`. */
  random?: (() => number) | undefined;
  openJournal: OpenJournal;
}

/** Each invocation is a process of tens of megabytes. A new AWS account may have a limit of a tenth of this. */
const DEFAULT_CONCURRENCY = 100;

/** A function's name and its qualifier, if any, from `name:qualifier` or from an ARN. */
export const nameAndQualifier = (reference: string): [string, string | undefined] => {
  const parts = reference.split(':');
  const [name = '', qualifier] = reference.startsWith('arn:') ? parts.slice(6) : parts;
  return [name, qualifier];
};

const findFunction = (
  place: Place,
  functions: ReadonlyMap<string, LambdaFunction>,
  reference: string,
): LambdaFunction => {
  const [name] = nameAndQualifier(reference);
  const fn = functions.get(name);
  if (fn) return fn;
  const arn = arnOf(place, 'lambda', `function:${name}`);
  throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
};

const authorizeInvoke = (
  iam: Iam,
  fn: LambdaFunction,
  { principal, function: reference, context }: InvokeRequest,
  action = 'lambda:InvokeFunction',
): void => {
  const [, qualifier] = nameAndQualifier(reference);
  versionFor(fn, fn.arn, qualifier, 1);
  const resource = qualifier ? `${fn.arn}:${qualifier}` : fn.arn;
  iam.authorize({ principal, action, resource, policyOf: fn.arn, ...(context && { context }) });
};

const runOf = ({ function: reference, event, clientContext, onChunk }: InvokeRequest): Run => ({
  id: randomUUID(),
  qualifier: nameAndQualifier(reference)[1],
  event,
  clientContext,
  onChunk,
});

/** The ways to invoke a function. */
const createInvocations = (
  iam: Iam,
  context: RunContext,
  queue: AsyncQueue,
  functionOf: (reference: string) => LambdaFunction,
) => ({
  /** Runs a function and waits for its result. Throws `AwsError` when the principal may not or it cannot run. */
  invoke: async (request: InvokeRequest): Promise<InvocationResult & { id: string }> => {
    const fn = functionOf(request.function);
    authorizeInvoke(iam, fn, request);
    const run = runOf(request);
    return { id: run.id, ...(await runOnce(context, fn, run)) };
  },

  /** Accepts an event and returns its id; the function runs in the background. Throws `AwsError` if it may not. */
  enqueue: (request: InvokeRequest): string => {
    const fn = functionOf(request.function);
    authorizeInvoke(iam, fn, request);
    const run = runOf(request);
    queue.accept(fn, run);
    return run.id;
  },

  /**
   * Runs a function for an event source mapping and waits for its result. It needs no permission: the mapping is the
   * function's own. Throws `AwsError` when it is throttled.
   */
  runForEventSource: (reference: string, event: string): Promise<InvocationResult> =>
    runOnce(context, functionOf(reference), {
      id: randomUUID(),
      qualifier: nameAndQualifier(reference)[1],
      event,
    }),

  /** Runs a function for a request to its Function URL: from anyone if it is public, else from within the account. */
  invokeByUrl: async (
    functionArn: string,
    event: string,
    isPublic: boolean,
    onChunk?: OnChunk,
  ): Promise<InvocationResult> => {
    const fn = functionOf(functionArn);
    const request = {
      principal: { service: 'anybody' },
      function: functionArn,
      event,
      context: { 'lambda:functionurlauthtype': 'NONE' },
    };
    if (isPublic) authorizeInvoke(iam, fn, request, 'lambda:InvokeFunctionUrl');
    return runOnce(context, fn, { id: randomUUID(), qualifier: undefined, event, onChunk });
  },
});

/** Functions, each run in its own processes from the very folder that would be uploaded. */
export const startLambda = (options: LambdaOptions) => {
  const { place, iam, concurrency = DEFAULT_CONCURRENCY, random = Math.random } = options;
  const functions = new Map<string, LambdaFunction>();
  const pool = new EnvironmentPool({
    ...options,
    onLine: (name, configuration, stream, line) => writeFunctionLine(options, name, configuration, stream, line),
  });
  const functionOf = (reference: string) => findFunction(place, functions, reference);

  const context: RunContext = { ...options, pool, functions, concurrency, random };
  const queue = new AsyncQueue(context, options.openJournal);

  return {
    ...createInvocations(iam, context, queue, functionOf),

    /** Goes on with the events that were accepted before a restart. */
    resume: (): void => queue.resume(),

    /** Every function. Throws `AwsError` when the principal may not list them. */
    list: (principal: Principal): readonly LambdaFunction[] => {
      iam.authorize({ principal, action: 'lambda:ListFunctions', resource: '*' });
      return [...functions.values()];
    },

    /** How asynchronous invocations are retried. Throws `AwsError` when the principal may not read it. */
    eventInvokeConfigOf: (principal: Principal, name: string): AsyncConfig => {
      const fn = functionOf(name);
      iam.authorize({ principal, action: 'lambda:GetFunctionEventInvokeConfig', resource: fn.arn });
      return fn.asynchronous;
    },

    /** A function's configuration. Throws `AwsError` when the principal may not read it. */
    configurationOf: (principal: Principal, name: string): LambdaFunction => {
      const fn = functionOf(name);
      iam.authorize({ principal, action: 'lambda:GetFunctionConfiguration', resource: fn.arn });
      return fn;
    },

    exists: (name: string): boolean => functions.has(name),

    /** Creates a function, or gives an existing one a new configuration; its versions and aliases stay as they are. */
    put: async (
      identity: Pick<LambdaFunction, 'name' | 'arn' | 'reserved'>,
      configuration: Configuration,
    ): Promise<void> => {
      const existing = functions.get(identity.name);
      if (existing) {
        existing.reserved = identity.reserved;
        existing.latest.configuration = configuration;
        await pool.retire(existing.latest);
        return;
      }
      const versions = createVersions(configuration);
      functions.set(identity.name, { ...identity, ...versions, asynchronous: ASYNC_DEFAULTS, running: 0 });
    },

    remove: async (name: string): Promise<void> => {
      const { latest, published } = functionOf(name);
      functions.delete(name);
      await Promise.all([latest, ...published.values()].map((version) => pool.retire(version)));
    },

    removeVersion: async (name: string, number: string): Promise<void> => {
      const published = functions.get(name)?.published;
      const version = published?.get(number);
      published?.delete(number);
      if (version) await pool.retire(version);
    },

    /** The function of a name or an ARN. Throws `AwsError` ResourceNotFoundException when there is none. */
    functionOf,

    functions: (): readonly LambdaFunction[] => [...functions.values()],

    /** The function that runs under a role. */
    functionUnder: (role: string): LambdaFunction | undefined =>
      [...functions.values()].find(({ latest }) => latest.configuration.role === role),

    stop: (): Promise<void> => {
      queue.stop();
      return pool.stop();
    },
  };
};

export type Lambda = ReturnType<typeof startLambda>;
export type { LambdaFunction } from './run.ts';
