import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from './aws-error.ts';
import type { Clock } from './clock.ts';
import type { Iam } from './iam.ts';
import type { Principal } from './iam-policy.ts';
import { ASYNC_DEFAULTS, type AsyncConfig, destinationKey, destinationRecord, tryUntilDone } from './lambda-async.ts';
import { type Answer, type Environment, startEnvironment } from './lambda-environment.ts';
import { isKept, type Logging, platformLine } from './lambda-log.ts';
import { variablesOf } from './lambda-variables.ts';
import type { Logs } from './logs.ts';
import type { Metrics } from './metrics.ts';
import { arnOf, type Place } from './place.ts';
import type { S3 } from './s3.ts';

export interface LambdaFunction {
  name: string;
  arn: string;
  role: string;
  folder: string;
  handler: string;
  memoryMb: number;
  timeoutMs: number;
  variables: Record<string, string>;
  reserved: number | undefined;
  logging: Logging;
  securityGroups: string[];
  asynchronous: AsyncConfig;
  idle: Environment[];
  running: number;
}

export interface Invoke {
  principal: Principal;
  /** A name or an ARN, with or without a version or alias. */
  function: string;
  /** JSON. */
  event: string;
  clientContext?: unknown;
  /** Condition keys of the request, in lower case. */
  context?: Readonly<Record<string, string>>;
}

export interface LambdaOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  logs: Logs;
  metrics: Metrics;
  s3: S3;
  /** Where functions find AWS. */
  endpoint: () => string;
  /** Local files that stand in for files of `/var/task`, by their name there. */
  standIns: Readonly<Record<string, string>>;
  /** How many invocations may run at once, over all functions: an account's limit, and here the machine's. */
  concurrency?: number | undefined;
  /** Hears of what nobody else would: a line that could not be written, an event that could not be kept. */
  onLoss: (what: string) => void;
}

/** Each invocation is a process of tens of megabytes. A new account may have a tenth of this. */
const CONCURRENCY = 100;
/** An environment nobody used for so long is ended, in milliseconds. */
const IDLE_MS = 10 * 60_000;

/** A function's name and qualifier, from either or from an ARN. */
export const nameAndQualifier = (reference: string): [string, string | undefined] => {
  const [name = '', qualifier] = (
    reference.startsWith('arn:') ? reference.split(':').slice(6) : reference.split(':')
  ) as string[];
  return [name, qualifier];
};

/** Functions, run in processes of their own from the very folders that would be uploaded. */
export const createLambda = (options: LambdaOptions) => {
  const { place, clock, iam, logs, metrics, s3, endpoint, standIns, onLoss, concurrency = CONCURRENCY } = options;
  const functions = new Map<string, LambdaFunction>();
  const environments = new Set<Environment>();

  const functionOf = (reference: string): LambdaFunction => {
    const [name] = nameAndQualifier(reference);
    const found = functions.get(name);
    if (found) return found;
    throw new AwsError(
      'ResourceNotFoundException',
      `Function not found: ${arnOf(place, 'lambda', `function:${name}`)}`,
      404,
    );
  };

  const count = ({ name }: LambdaFunction, metric: string, value: number) =>
    metrics.put({ namespace: 'AWS/Lambda', name: metric, dimensions: { FunctionName: name } }, value);

  const writeLine = (fn: LambdaFunction, stream: string, line: string) => {
    try {
      logs.write(fn.role, fn.logging.group, stream, line);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      onLoss(`a line of ${fn.name} is lost: ${error.message}`);
    }
  };

  const newEnvironment = (fn: LambdaFunction): Environment & { stream: string } => {
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    const stream = `${day}/${fn.name}[$LATEST]${randomBytes(16).toString('hex')}`;
    const environment = startEnvironment({
      handler: fn.handler,
      folder: fn.folder,
      memoryMb: fn.memoryMb,
      timeoutMs: fn.timeoutMs,
      variables: variablesOf({
        fn,
        stream,
        place,
        credentials: iam.credentialsOf(fn.role),
        endpoint: endpoint(),
        standIns,
      }),
      onLine: (line) => {
        if (isKept(line, fn.logging)) writeLine(fn, stream, line);
      },
    });
    environments.add(environment);
    return Object.assign(environment, { stream });
  };

  const setAside = (fn: LambdaFunction, environment: Environment) => {
    if (!environment.isAlive()) {
      environments.delete(environment);
      return;
    }
    fn.idle.push(environment);
    clock.after(IDLE_MS, async () => {
      const index = fn.idle.indexOf(environment);
      if (index < 0) return;
      fn.idle.splice(index, 1);
      environments.delete(environment);
      await environment.stop();
    });
  };

  /** Runs the function once. Throws `AwsError` when it may not run now. */
  const run = async (fn: LambdaFunction, id: string, event: string, clientContext: unknown): Promise<Answer> => {
    const all = [...functions.values()].reduce((sum, { running }) => sum + running, 0);
    if (all >= concurrency || fn.running >= (fn.reserved ?? Number.POSITIVE_INFINITY)) {
      count(fn, 'Throttles', 1);
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    fn.running += 1;
    count(fn, 'ConcurrentExecutions', fn.running);
    const environment = (fn.idle.pop() as (Environment & { stream: string }) | undefined) ?? newEnvironment(fn);
    const began = performance.now();
    try {
      const answer = await environment.invoke({ id, event, arn: fn.arn, clientContext });
      const durationMs = performance.now() - began;
      count(fn, 'Invocations', 1);
      count(fn, 'Errors', answer.failed ? 1 : 0);
      count(fn, 'Throttles', 0);
      count(fn, 'Duration', durationMs);
      const line = platformLine({ id, at: clock.now(), durationMs, memoryMb: fn.memoryMb, answer }, fn.logging);
      if (line) writeLine(fn, environment.stream, line);
      return answer;
    } finally {
      fn.running -= 1;
      setAside(fn, environment);
    }
  };

  const authorize = (
    { principal, function: reference, context }: Invoke,
    action = 'lambda:InvokeFunction',
  ): LambdaFunction => {
    const fn = functionOf(reference);
    const [, qualifier] = nameAndQualifier(reference);
    const resource = qualifier ? `${fn.arn}:${qualifier}` : fn.arn;
    iam.authorize({ principal, action, resource, policyOf: fn.arn, ...(context && { context }) });
    return fn;
  };

  const keep = (fn: LambdaFunction, id: string, record: string) => {
    const { onFailure } = fn.asynchronous;
    if (!onFailure) return;
    const bucket = onFailure.split(':::')[1] ?? '';
    try {
      s3.list({ role: fn.role }, bucket, '\0');
      s3.put({ role: fn.role }, bucket, destinationKey(fn.name, clock.now(), id), record);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      count(fn, 'DestinationDeliveryFailures', 1);
      onLoss(`an event of ${fn.name} could not be kept: ${error.message}`);
    }
  };

  const process = async (fn: LambdaFunction, id: string, event: string) => {
    const dropped = await tryUntilDone(clock, fn.asynchronous, (age) => {
      count(fn, 'AsyncEventAge', age);
      return run(fn, id, event, undefined);
    });
    if (!dropped) return;
    count(fn, 'AsyncEventsDropped', 1);
    keep(fn, id, destinationRecord(clock.now(), { id, arn: fn.arn, event }, dropped));
  };

  return {
    /** Runs a function and waits for its answer. Throws `AwsError` when it may not or cannot run. */
    invoke: async (what: Invoke): Promise<Answer & { id: string }> => {
      const id = randomUUID();
      return { id, ...(await run(authorize(what), id, what.event, what.clientContext)) };
    },

    /** Takes an event for a function and answers its id; it is tried in the background. Throws `AwsError` when it may not. */
    enqueue: (what: Invoke): string => {
      const fn = authorize(what);
      const id = randomUUID();
      count(fn, 'AsyncEventsReceived', 1);
      process(fn, id, what.event).catch((error) => onLoss(`an event of ${fn.name} is lost: ${error}`));
      return id;
    },

    /** As a Function URL does it: who asks is somebody of this account, or nobody. */
    invokeByUrl: async (functionArn: string, event: string, isPublic: boolean): Promise<Answer> => {
      const context = { 'lambda:functionurlauthtype': 'NONE' };
      const fn = isPublic
        ? authorize(
            { principal: { service: 'anybody' }, function: functionArn, event, context },
            'lambda:InvokeFunctionUrl',
          )
        : functionOf(functionArn);
      return run(fn, randomUUID(), event, undefined);
    },

    /** Every function, for who may know. */
    list: (principal: Principal): readonly LambdaFunction[] => {
      iam.authorize({ principal, action: 'lambda:ListFunctions', resource: '*' });
      return [...functions.values()];
    },

    /** How the function is tried when nobody waits, for who may know. */
    asynchronous: (principal: Principal, name: string): AsyncConfig => {
      const fn = functionOf(name);
      iam.authorize({ principal, action: 'lambda:GetFunctionEventInvokeConfig', resource: fn.arn });
      return fn.asynchronous;
    },

    add: (fn: Omit<LambdaFunction, 'asynchronous' | 'idle' | 'running'>): void => {
      functions.set(fn.name, { ...fn, asynchronous: ASYNC_DEFAULTS, idle: [], running: 0 });
    },

    functionOf,

    functions: (): readonly LambdaFunction[] => [...functions.values()],

    /** The function that runs under a role. */
    functionUnder: (role: string): LambdaFunction | undefined => [...functions.values()].find((fn) => fn.role === role),

    /** Ends every process. */
    stop: async (): Promise<void> => {
      await Promise.all([...environments].map((environment) => environment.stop()));
    },
  };
};

export type Lambda = ReturnType<typeof createLambda>;
