/**
 * The process of one execution environment: loads the function's code, then runs one invocation at a time for its
 * parent process, as Lambda's Node runtime does. Plain JavaScript, because it is loaded on every cold start.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { format } from 'node:util';

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
/** Lambda's limit on a response, in bytes. */
const MAX_RESPONSE_BYTES = 6_291_556;

const env = process.env;
let requestId = '';

const describeError = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

/** In the JSON log format, each `console` call writes one JSON object, or nothing below the function's log level. */
const patchConsole = () => {
  const minimum = LEVELS.indexOf(env.AWS_LAMBDA_LOG_LEVEL ?? 'INFO');
  const logAt =
    (level) =>
    (message, ...more) => {
      if (LEVELS.indexOf(level) < minimum) return;
      const line = { timestamp: new Date().toISOString(), level, requestId };
      const error = [message, ...more].find((argument) => argument instanceof Error);
      const { errorType, errorMessage, trace: stackTrace } = error ? describeError(error) : {};
      const text = more.length === 0 && typeof message === 'object' && !error ? message : format(message, ...more);
      process.stdout.write(
        `${JSON.stringify({ ...line, message: text, ...(error && { errorType, errorMessage, stackTrace }) })}\n`,
      );
    };
  for (const level of LEVELS) console[level.toLowerCase()] = logAt(level);
  console.log = console.info;
};

/** The key by which the runtime knows a handler that streams its answer. */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
/** Separates the metadata of an HTTP response from its body. */
const DELIMITER = Buffer.alloc(8);

/** The stream that a handler writes its answer to; each part goes to the parent process at once. */
class ResponseStream extends Writable {
  /** Writes something before the first part. */
  beforeFirstWrite = () => {};
  bytes = 0;

  setContentType() {}

  write(...args) {
    const before = this.beforeFirstWrite;
    this.beforeFirstWrite = () => {};
    before();
    return super.write(...args);
  }

  _write(chunk, _encoding, done) {
    this.bytes += chunk.length;
    process.send({ chunk: Buffer.from(chunk).toString('base64') }, () => done());
  }
}

globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { [STREAMING]: 'response' }),
  HttpResponseStream: {
    from: (stream, metadata) => {
      stream.beforeFirstWrite = () => {
        stream.write(JSON.stringify(metadata));
        stream.write(DELIMITER);
      };
      return stream;
    },
  },
};

const runStreamingHandler = async (handler, { event, ...invocation }) => {
  const stream = new ResponseStream();
  const finished = new Promise((resolve, reject) => stream.once('finish', resolve).once('error', reject));
  await handler(JSON.parse(event), stream, contextOf(invocation));
  if (!stream.writableEnded) stream.end();
  await finished;
  return { streamed: true };
};

const loadHandler = async () => {
  const [file, name] = env._HANDLER.split('.');
  const path = ['.mjs', '.js', '.cjs']
    .map((extension) => join(env.LAMBDA_TASK_ROOT, file + extension))
    .find(existsSync);
  if (!path) throw Object.assign(new Error(`Cannot find module '${file}'`), { name: 'Runtime.ImportModuleError' });
  const handler = (await import(path))[name];
  if (typeof handler !== 'function') {
    throw Object.assign(new Error(`${env._HANDLER} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
  }
  return handler;
};

const contextOf = ({ id, arn, clientContext, deadline }) => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
  memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
  invokedFunctionArn: arn,
  awsRequestId: id,
  clientContext,
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
});

const runHandler = async (handler, { event, ...invocation }) => {
  const result = await handler(JSON.parse(event), contextOf(invocation));
  const payload = JSON.stringify(result) ?? 'null';
  if (Buffer.byteLength(payload) <= MAX_RESPONSE_BYTES) return { payload };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
  return { error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } };
};

/** Sends the parent process a last message and exits once it is delivered. */
const sendAndExit = (message) => process.send(message, () => process.exit(129));

if (env.AWS_LAMBDA_LOG_FORMAT === 'JSON') patchConsole();
process.on('uncaughtException', (error) => sendAndExit({ error: describeError(error) }));
process.on('unhandledRejection', (error) => {
  const { errorMessage, trace } = describeError(error);
  sendAndExit({ error: { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage, trace } });
});
// The parent process has ended: nothing can invoke this one any more.
process.on('disconnect', () => process.exit(0));

try {
  const handler = await loadHandler();
  process.on('message', async (invocation) => {
    requestId = invocation.id;
    const run = handler[STREAMING] ? runStreamingHandler : runHandler;
    const outcome = await run(handler, invocation).catch((error) => ({ error: describeError(error) }));
    process.send(outcome);
  });
  process.send({ ready: true });
} catch (error) {
  sendAndExit({ error: describeError(error) });
}
