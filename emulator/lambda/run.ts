import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Logs } from '../logs/logs.ts';
import type { S3 } from '../s3.ts';
import type { AsyncConfig } from './async.ts';
import type { InvocationResult, OnChunk } from './environment.ts';
import { formatPlatformLine, passesLogLevel } from './log.ts';
import type { EnvironmentPool } from './pool.ts';
import { type Configuration, type Versions, versionFor } from './versions.ts';

export interface LambdaFunction extends Versions {
  name: string;
  arn: string;
  /** Its reserved concurrency. */
  reserved: number | undefined;
  asynchronous: AsyncConfig;
  /** How many of its invocations run now. */
  running: number;
}

/** What running a function needs. */
export interface RunContext {
  clock: Clock;
  logs: Logs;
  metrics: Metrics;
  s3: S3;
  pool: EnvironmentPool;
  functions: ReadonlyMap<string, LambdaFunction>;
  /** How many invocations may run at the same time, over all functions. */
  concurrency: number;
  /** Receives a description of each log line and each event that is lost. */
  onLoss: (description: string) => void;
  /** 0 to 1, for aliases that shift. */
  random: () => number;
}

/** An invocation that is authorized. */
export interface Run {
  id: string;
  qualifier: string | undefined;
  /** JSON. */
  event: string;
  clientContext?: unknown;
  /** Receives each part of a streamed answer as it comes. */
  onChunk?: OnChunk | undefined;
}

export const putFunctionMetric = (metrics: Metrics, name: string, metric: string, value: number): void =>
  metrics.put({ namespace: 'AWS/Lambda', name: metric, dimensions: { FunctionName: name } }, value);

const writeLine = (
  { logs, onLoss }: Pick<RunContext, 'logs' | 'onLoss'>,
  name: string,
  { role, logging }: Configuration,
  stream: string,
  line: string,
): void => {
  try {
    logs.write(role, logging.group, stream, line);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    onLoss(`a log line of ${name} is lost: ${error.message}`);
  }
};

/** Writes a line of a function's process to its log group, unless its log level drops the line. */
export const writeFunctionLine = (
  context: Pick<RunContext, 'logs' | 'onLoss'>,
  name: string,
  configuration: Configuration,
  stream: string,
  line: string,
): void => {
  if (passesLogLevel(line, configuration.logging)) writeLine(context, name, configuration, stream, line);
};

/** Runs a function once. Throws `AwsError` TooManyRequestsException when it is throttled. */
export const runOnce = async (
  context: RunContext,
  fn: LambdaFunction,
  { id, qualifier, event, clientContext, onChunk }: Run,
): Promise<InvocationResult> => {
  const { clock, metrics, pool, functions, concurrency, random } = context;
  const put = (metric: string, value: number) => putFunctionMetric(metrics, fn.name, metric, value);
  const version = versionFor(fn, fn.arn, qualifier, random());
  const { configuration } = version;
  const runningInAll = [...functions.values()].reduce((sum, { running }) => sum + running, 0);
  if (runningInAll >= concurrency || fn.running >= (fn.reserved ?? Number.POSITIVE_INFINITY)) {
    put('Throttles', 1);
    throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
  }
  fn.running += 1;
  put('ConcurrentExecutions', fn.running);
  const { environment, stream, release } = pool.acquire(fn.name, version);
  const startedAt = performance.now();
  try {
    const arn = qualifier ? `${fn.arn}:${qualifier}` : fn.arn;
    const result = await environment.invoke({ id, event, arn, clientContext, onChunk });
    const durationMs = performance.now() - startedAt;
    put('Invocations', 1);
    put('Errors', result.failed ? 1 : 0);
    put('Throttles', 0);
    put('Duration', durationMs);
    const { logging, memoryMb } = configuration;
    const line = formatPlatformLine({ id, at: clock.now(), durationMs, memoryMb, result }, logging);
    if (line) writeLine(context, fn.name, configuration, stream, line);
    return result;
  } finally {
    fn.running -= 1;
    release();
  }
};
