import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { buildApiRequest } from '../contract/direct-request.ts';
import { ToolError } from '../observe/failure/tool-error.ts';

export interface ApiQuery<Answer extends z.ZodType> {
  path: `/v1/${string}`;
  /** Left-out values are left out of the query. */
  query?: Record<string, string | number | undefined>;
  answer: Answer;
  correlationId: string;
  /** Whose calls it is about; the house asks about everybody's, and says so. */
  tenant: string | undefined;
  signal: AbortSignal;
}

let client: LambdaClient | undefined;

/** How Lambda reports a function that did not answer. */
const death = z.object({ errorType: z.string() });
const answered = z.object({ statusCode: z.int(), body: z.string() });

/** Telemetry is our own: who asks it in vain is told so, and nobody else is blamed. */
const unanswered = (type: string, cause?: unknown) =>
  new ToolError('UPSTREAM_ERROR', 'The telemetry cannot be read at the moment. Try again in a minute.', {
    fault: 'ours',
    retryable: true,
    type,
    cause,
  });

/**
 * Asks the api function, which stands in the database's network where tools do not. Throws a `ToolError` when there is
 * no answer or one of another shape.
 */
export const queryApi = async <Answer extends z.ZodType>({
  path,
  query = {},
  answer,
  correlationId,
  tenant,
  signal,
}: ApiQuery<Answer>): Promise<z.output<Answer>> => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  client ??= new LambdaClient();
  const command = new InvokeCommand({
    FunctionName: process.env.API_FUNCTION,
    Payload: JSON.stringify(buildApiRequest(path, search.toString(), correlationId, tenant)),
  });
  const { FunctionError, Payload } = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
    throw unanswered(error instanceof Error ? error.name : 'unreachable', error);
  });
  const payload = parsed(Buffer.from(Payload ?? []).toString());
  if (FunctionError) throw unanswered(death.safeParse(payload).data?.errorType ?? FunctionError);
  const reply = answered.safeParse(payload);
  if (!reply.success) throw unanswered('no_http_answer');
  if (reply.data.statusCode !== 200) throw unanswered(`http_${reply.data.statusCode}`);
  const read = answer.safeParse(parsed(reply.data.body));
  if (!read.success) throw unanswered('unexpected_answer', read.error);
  return read.data;
};

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};
