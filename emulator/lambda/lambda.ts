import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Iam } from '../iam/iam.ts';
import type { Principal } from '../iam/policy.ts';
import type { Logs } from '../logs/logs.ts';
import { arnOf, type Place } from '../place.ts';
import type { S3 } from '../s3.ts';
import { ASYNC_DEFAULTS, type AsyncConfig, destinationKey, destinationRecord, tryUntilDone } from './async.ts';
import type { Answer } from './environment.ts';
import { isKept, platformLine } from './log.ts';
import { createPool } from './pool.ts';
import { type Configuration, newVersions, type Versions, versionFor } from './versions.ts';

export interface LambdaFunction extends Versions {
  name: string;
  arn: string;
  reserved: number | undefined;
  asynchronous: AsyncConfig;
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
  /** 0 to 1, for aliases that shift. */
  chance?: () => number;
}

/** Each invocation is a process of tens of megabytes. A new account may have a tenth of this. */
const CONCURRENCY = 100;

/** A function's name and qualifier, from either or from an ARN. */
export const nameAndQualifier = (reference: string): [string, string | undefined] => {
  const [name = '', qualifier] = (
    reference.startsWith('arn:') ? reference.split(':').slice(6) : reference.split(':')
  ) as string[];
  return [name, qualifier];
};

/** Functions, run in processes of their own from the very folders that would be uploaded. */
export const startLambda = (options: LambdaOptions) => {
  const { place, clock, iam, logs, metrics, s3, endpoint, standIns, onLoss, chance = Math.random } = options;
  const { concurrency = CONCURRENCY } = options;
  const functions = new Map<string, LambdaFunction>();

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

  const writeLine = (name: string, { role, logging }: Configuration, stream: string, line: string) => {
    try {
      logs.write(role, logging.group, stream, line);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      onLoss(`a line of ${name} is lost: ${error.message}`);
    }
  };
  const pool = createPool({
    place,
    clock,
    iam,
    endpoint,
    standIns,
    onLine: (name, configuration, stream, line) => {
      if (isKept(line, configuration.logging)) writeLine(name, configuration, stream, line);
    },
  });

  /** Runs the function once. Throws `AwsError` when it may not run now. */
  const run = async (
    fn: LambdaFunction,
    qualifier: string | undefined,
    id: string,
    event: string,
    clientContext?: unknown,
  ): Promise<Answer> => {
    const version = versionFor(fn, fn.arn, qualifier, chance());
    const { configuration } = version;
    const { logging, memoryMb } = configuration;
    const all = [...functions.values()].reduce((sum, { running }) => sum + running, 0);
    if (all >= concurrency || fn.running >= (fn.reserved ?? Number.POSITIVE_INFINITY)) {
      count(fn, 'Throttles', 1);
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    fn.running += 1;
    count(fn, 'ConcurrentExecutions', fn.running);
    const { environment, stream, giveBack } = pool.take(fn.name, version);
    const began = performance.now();
    try {
      const arn = qualifier ? `${fn.arn}:${qualifier}` : fn.arn;
      const answer = await environment.invoke({ id, event, arn, clientContext });
      const durationMs = performance.now() - began;
      count(fn, 'Invocations', 1);
      count(fn, 'Errors', answer.failed ? 1 : 0);
      count(fn, 'Throttles', 0);
      count(fn, 'Duration', durationMs);
      const line = platformLine({ id, at: clock.now(), durationMs, memoryMb, answer }, logging);
      if (line) writeLine(fn.name, configuration, stream, line);
      return answer;
    } finally {
      fn.running -= 1;
      giveBack();
    }
  };

  const authorize = (
    { principal, function: reference, context }: Invoke,
    action = 'lambda:InvokeFunction',
  ): { fn: LambdaFunction; qualifier: string | undefined } => {
    const fn = functionOf(reference);
    const [, qualifier] = nameAndQualifier(reference);
    versionFor(fn, fn.arn, qualifier, 1);
    const resource = qualifier ? `${fn.arn}:${qualifier}` : fn.arn;
    iam.authorize({ principal, action, resource, policyOf: fn.arn, ...(context && { context }) });
    return { fn, qualifier };
  };

  const keep = (fn: LambdaFunction, id: string, record: string) => {
    const { onFailure } = fn.asynchronous;
    if (!onFailure) return;
    const bucket = onFailure.split(':::')[1] ?? '';
    const { role } = fn.latest.configuration;
    try {
      s3.list({ role }, bucket, '\0');
      s3.put({ role }, bucket, destinationKey(fn.name, clock.now(), id), record);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      count(fn, 'DestinationDeliveryFailures', 1);
      onLoss(`an event of ${fn.name} could not be kept: ${error.message}`);
    }
  };

  const process = async (fn: LambdaFunction, qualifier: string | undefined, id: string, event: string) => {
    const dropped = await tryUntilDone(clock, fn.asynchronous, (age) => {
      count(fn, 'AsyncEventAge', age);
      return run(fn, qualifier, id, event);
    });
    if (!dropped) return;
    count(fn, 'AsyncEventsDropped', 1);
    keep(fn, id, destinationRecord(clock.now(), { id, arn: fn.arn, event }, dropped));
  };

  return {
    /** Runs a function and waits for its answer. Throws `AwsError` when it may not or cannot run. */
    invoke: async (what: Invoke): Promise<Answer & { id: string }> => {
      const id = randomUUID();
      const { fn, qualifier } = authorize(what);
      return { id, ...(await run(fn, qualifier, id, what.event, what.clientContext)) };
    },

    /** Takes an event for a function and answers its id; it is tried in the background. Throws `AwsError` when it may not. */
    enqueue: (what: Invoke): string => {
      const { fn, qualifier } = authorize(what);
      const id = randomUUID();
      count(fn, 'AsyncEventsReceived', 1);
      process(fn, qualifier, id, what.event).catch((error) => onLoss(`an event of ${fn.name} is lost: ${error}`));
      return id;
    },

    /** As a Function URL does it: who asks is somebody of this account, or nobody. */
    invokeByUrl: async (functionArn: string, event: string, isPublic: boolean): Promise<Answer> => {
      const context = { 'lambda:functionurlauthtype': 'NONE' };
      const what = { principal: { service: 'anybody' }, function: functionArn, event, context };
      if (isPublic) authorize(what, 'lambda:InvokeFunctionUrl');
      return run(functionOf(functionArn), undefined, randomUUID(), event);
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

    /** A function, or, of a name there is already, its new configuration; versions and aliases stay as they are. */
    put: async (
      named: Pick<LambdaFunction, 'name' | 'arn' | 'reserved'>,
      configuration: Configuration,
    ): Promise<void> => {
      const known = functions.get(named.name);
      if (!known) {
        functions.set(named.name, {
          ...named,
          ...newVersions(configuration),
          asynchronous: ASYNC_DEFAULTS,
          running: 0,
        });
        return;
      }
      known.reserved = named.reserved;
      known.latest.configuration = configuration;
      await pool.retire(known.latest);
    },

    remove: async (name: string): Promise<void> => {
      const { latest, published } = functionOf(name);
      functions.delete(name);
      await Promise.all([latest, ...published.values()].map(pool.retire));
    },

    removeVersion: async (name: string, number: string): Promise<void> => {
      const version = functions.get(name)?.published.get(number);
      functions.get(name)?.published.delete(number);
      if (version) await pool.retire(version);
    },

    functionOf,

    functions: (): readonly LambdaFunction[] => [...functions.values()],

    /** The function that runs under a role. */
    functionUnder: (role: string): LambdaFunction | undefined =>
      [...functions.values()].find(({ latest }) => latest.configuration.role === role),

    stop: pool.stop,
  };
};

export type Lambda = ReturnType<typeof startLambda>;
