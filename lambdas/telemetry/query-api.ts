import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { buildApiRequest } from '../contract/direct-request.ts';
import { readErrorReport } from '../contract/error-report.ts';
import { describeIssues } from '../contract/parse-as.ts';
import { parseJson } from '../contract/parse-json.ts';
import { problem } from '../contract/problem.ts';
import { ToolError } from '../observe/failure/tool-error.ts';

export interface ApiQuery<Answer extends z.ZodType> {
  /** The function that is asked. Default: the api. */
  functionName?: string;
  path: `/v1/${string}`;
  /** Undefined values are omitted from the query string. */
  query?: Record<string, string | number | undefined>;
  /** The names of those whose values the caller chose: when the api refuses one, that is the caller's fault. */
  chosenByCaller?: readonly string[];
  /** Whether the caller chose what the path names: that there is none is then its fault. */
  pathByCaller?: boolean;
  /** The answer's expected shape. */
  answer: Answer;
  correlationId: string;
  /** The tenant whose calls are queried; undefined for the operator, who queries all tenants' calls. */
  tenant: string | undefined;
  signal: AbortSignal;
}

let client: LambdaClient | undefined;

const httpAnswer = z.object({ statusCode: z.int(), body: z.string() });

/** Telemetry is our own, so a failure to read it is our fault. */
const createUnavailableError = (type: string, cause?: unknown) =>
  new ToolError('UPSTREAM_ERROR', 'The telemetry cannot be read at the moment. Try again in a minute.', {
    fault: 'ours',
    retryable: true,
    type,
    cause,
  });

/** What the api says of values that the caller chose; undefined when it says nothing of them. */
const findRefusal = (
  status: number,
  body: string,
  { chosenByCaller = [], pathByCaller = false }: Pick<ApiQuery<z.ZodType>, 'chosenByCaller' | 'pathByCaller'>,
): string | undefined => {
  const { detail: message, parameters = [] } = problem.safeParse(parseJson(body)).data ?? {};
  if (status === 404) return pathByCaller ? message : undefined;
  if (status !== 400) return undefined;
  return parameters.length > 0 && parameters.every((name) => chosenByCaller.includes(name)) ? message : undefined;
};

/**
 * Queries the api function, which runs inside the database's network, where tools do not. Throws a `ToolError` when
 * there is no answer or one of another shape: ours, unless the api refuses a value that the caller chose.
 */
export const queryApi = async <Answer extends z.ZodType>({
  functionName = process.env.API_FUNCTION,
  path,
  query = {},
  chosenByCaller = [],
  pathByCaller = false,
  answer,
  correlationId,
  tenant,
  signal,
}: ApiQuery<Answer>): Promise<z.output<Answer>> => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  client ??= new LambdaClient();
  const command = new InvokeCommand({
    FunctionName: functionName,
    Payload: JSON.stringify(buildApiRequest(path, search.toString(), correlationId, tenant)),
  });
  const { FunctionError, Payload } = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
    throw createUnavailableError(error instanceof Error ? error.name : 'unreachable', error);
  });
  const payload = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw createUnavailableError(readErrorReport(payload).errorType);
  const response = httpAnswer.safeParse(parseJson(payload));
  if (!response.success) throw createUnavailableError('no_http_answer');
  const { statusCode, body } = response.data;
  const refusal = findRefusal(statusCode, body, { chosenByCaller, pathByCaller });
  if (refusal !== undefined) throw new ToolError('INVALID_INPUT', refusal, { type: 'invalid_input' });
  if (statusCode !== 200) throw createUnavailableError(`http_${statusCode}`);
  const parsed = answer.safeParse(parseJson(body));
  if (!parsed.success)
    throw createUnavailableError('unexpected_answer', new Error(`GET ${path}: ${describeIssues(parsed.error)}`));
  return parsed.data;
};
