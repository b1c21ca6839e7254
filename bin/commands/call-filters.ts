import { textOption } from './deployment.ts';

/** The options by which calls are chosen, as `/v1/calls` takes them. */
export const CALL_FILTERS = [
  ...(['tool', 'kind', 'name', 'success', 'error_code', 'error_type', 'fault', 'group_id', 'provider'] as const),
  ...(['domain', 'user_id', 'session_id', 'client_name', 'tenant_id', 'version', 'correlation_id', 'min_ms'] as const),
] as const;

export const CALL_FILTER_OPTIONS = {
  tool: textOption('Only calls of this tool', 'NAME'),
  kind: textOption('Only calls of this kind, such as webhook, or of all; tool by default', 'KIND'),
  name: textOption('Only calls under this name, such as the id of a webhook', 'NAME'),
  success: textOption('Only calls that succeeded (true) or failed (false)', 'true|false'),
  'error-code': textOption('Only failures with this code, such as TIMEOUT', 'CODE'),
  'error-type': textOption('Only failures of this type, such as http_503', 'TYPE'),
  fault: textOption('Only failures by the fault of caller, dependency, ours or platform', 'FAULT'),
  'group-id': textOption('Only failures of this group, which toolwatch errors lists', 'GROUP'),
  provider: textOption('Only calls that depend on this outside service', 'NAME'),
  domain: textOption('Only calls that name this domain', 'DOMAIN'),
  'user-id': textOption('Only calls for this user', 'ID'),
  'session-id': textOption('Only calls of this session', 'ID'),
  'client-name': textOption('Only calls by this client', 'NAME'),
  'tenant-id': textOption('Only calls of this tenant', 'NAME'),
  version: textOption('Only calls of this version', 'NAME'),
  'correlation-id': textOption('Only calls that share this id', 'ID'),
  'min-ms': textOption('Only calls that took at least so long', 'MS'),
} as const;
