import type { Invocation } from './invocation.ts';

/**
 * What OpenTelemetry calls the record's fields: for traces, exports and readers who know its names. MCP's and GenAI's
 * names are of Development stability, so a rename goes through here and nowhere else. Fields without a name there
 * keep ours under `toolwatch.`, never under `mcp.` or `gen_ai.`.
 */
export const OPENTELEMETRY_NAMES: Partial<Record<keyof Invocation, string>> = {
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
};
