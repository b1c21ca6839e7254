/**
 * The process of one execution environment: loads the function's code, then answers one invocation at a time from its
 * parent, as Lambda's Node runtime does. Plain JavaScript, because it starts on every cold start.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
/** Lambda's own. */
const LARGEST_RESPONSE = 6_291_556;

const env = process.env;
let requestId = '';

const report = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

/** In the JSON log format, `console` writes one JSON object a call, and nothing below the function's level. */
const patchConsole = () => {
  const least = LEVELS.indexOf(env.AWS_LAMBDA_LOG_LEVEL ?? 'INFO');
  const at =
    (level) =>
    (message, ...more) => {
      if (LEVELS.indexOf(level) < least) return;
      const line = { timestamp: new Date().toISOString(), level, requestId };
      const error = [message, ...more].find((one) => one instanceof Error);
      const { errorType, errorMessage, trace: stackTrace } = error ? report(error) : {};
      const text = more.length === 0 && typeof message === 'object' && !error ? message : format(message, ...more);
      process.stdout.write(
        `${JSON.stringify({ ...line, message: text, ...(error && { errorType, errorMessage, stackTrace }) })}\n`,
      );
    };
  for (const level of LEVELS) console[level.toLowerCase()] = at(level);
  console.log = console.info;
};

const load = async () => {
  const [file, name] = env._HANDLER.split('.');
  const path = ['.mjs', '.js', '.cjs'].map((ending) => join(env.LAMBDA_TASK_ROOT, file + ending)).find(existsSync);
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

const answer = async (handler, { event, ...invocation }) => {
  const result = await handler(JSON.parse(event), contextOf(invocation));
  const payload = JSON.stringify(result) ?? 'null';
  if (Buffer.byteLength(payload) <= LARGEST_RESPONSE) return { payload };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${LARGEST_RESPONSE} bytes).`;
  return { error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } };
};

/** Tells the parent, and ends when it has heard. */
const die = (message) => process.send(message, () => process.exit(129));

if (env.AWS_LAMBDA_LOG_FORMAT === 'JSON') patchConsole();
process.on('uncaughtException', (error) => die({ error: report(error) }));
process.on('unhandledRejection', (error) => {
  const { errorMessage, trace } = report(error);
  die({ error: { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage, trace } });
});
// Whoever started us is gone: so is the reason to be.
process.on('disconnect', () => process.exit(0));

try {
  const handler = await load();
  process.on('message', async (invocation) => {
    requestId = invocation.id;
    const told = await answer(handler, invocation).catch((error) => ({ error: report(error) }));
    process.send(told);
  });
  process.send({ ready: true });
} catch (error) {
  die({ error: report(error) });
}
