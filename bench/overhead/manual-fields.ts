import { randomUUID } from 'node:crypto';
import type { LambdaContext } from '../../lambdas/observe/call/incoming.ts';
import { FACTS } from './workload.ts';

/** What a careful author writes without the wrapper: the record's fields that are not metrics, in plain JavaScript. */

export interface SentContext {
  event_id: string;
  correlation_id: string;
  traceparent: string;
  tenant_id: string;
  user_id: string;
  session_id: string;
  client_name: string;
  client_version: string;
  user_agent: string;
}

export const sentContextOf = (context: LambdaContext): SentContext =>
  JSON.parse((context.clientContext as unknown as { custom: Record<string, string> }).custom.toolwatchCall ?? '{}');

const SENSITIVE_KEY = /password|secret|token|api_?key|authorization|cookie/i;
const SECRET =
  /\bBearer\s+[\w.~+/-]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\bAKIA[A-Z\d]{16}\b|\b(?:\d[ -]?){13,19}\b|[\w.+-]+@[\w-]+\.[\w.]+/g;

/** A replacer for `JSON.stringify` that redacts secrets, as tutorials recommend. */
export const redact = (key: string, value: unknown): unknown => {
  if (SENSITIVE_KEY.test(key)) return '[redacted]';
  return typeof value === 'string' ? value.replace(SECRET, '[redacted]') : value;
};

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

let coldStart = true;

/** The fields of one successful call. */
export const fieldsOf = (sent: SentContext, event: unknown, result: unknown, startedAt: number, finishedAt: number) => {
  const cold_start = coldStart;
  coldStart = false;
  return {
    schema: 'toolwatch.v1',
    kind: 'tool',
    name: FACTS.name,
    environment: process.env.TOOLWATCH_ENVIRONMENT,
    version: process.env.TOOLWATCH_VERSION,
    provider: FACTS.provider,
    gpt_name: FACTS.gptName,
    level: 'INFO',
    event_id: sent.event_id ?? randomUUID(),
    started_at: new Date(startedAt).toISOString(),
    finished_at: new Date(finishedAt).toISOString(),
    cold_start,
    success: true,
    attempts: 1,
    tenant_id: sent.tenant_id,
    user_id: sent.user_id,
    session_id: sent.session_id,
    client_name: sent.client_name,
    client_version: sent.client_version,
    user_agent: sent.user_agent,
    correlation_id: sent.correlation_id,
    trace_id: sent.traceparent.split('-')[1],
    request_bytes: bytesOf(event),
    response_bytes: bytesOf(result),
    caller_error: 0,
    slow: finishedAt - startedAt > FACTS.p95Ms ? 1 : 0,
    // A metric of the wrapper's; here only a field, because Powertools would need a second document for its dimensions.
    dependency_error: 0,
  };
};
