import type { Invocation } from './invocation.ts';

/**
 * OpenTelemetry's names of the record's fields, for traces, exports and readers who know them. The MCP and GenAI names
 * have Development stability, so a rename changes only this table. Fields that OpenTelemetry does not name use our name
 * under `toolwatch.`, never under `mcp.` or `gen_ai.`.
 */
export const OPENTELEMETRY_NAMES: Partial<Record<keyof Invocation | `metadata.${string}`, string>> = {
  name: 'gen_ai.tool.name',
  service: 'service.name',
  environment: 'deployment.environment.name',
  version: 'service.version',
  duration_ms: 'mcp.server.operation.duration',
  cold_start: 'faas.coldstart',
  error_type: 'error.type',
  error_message: 'exception.message',
  user_id: 'user.id',
  session_id: 'session.id',
  user_agent: 'user_agent.original',
  trace_id: 'trace_id',
  'metadata.http.method': 'http.request.method',
  'metadata.http.route': 'http.route',
  'metadata.http.status': 'http.response.status_code',
  'metadata.http.ip': 'client.address',
};
