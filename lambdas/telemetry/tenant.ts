import type { CallContext } from '../contract/call-context.ts';
import { NO_TENANT } from '../contract/vocabulary.ts';

/**
 * The tenant for which a tool queries the api: its caller's. A caller without a tenant sees only calls without a
 * tenant, never all of them. Undefined, which means all calls, only where the deployment has no tenants.
 */
export const tenantOf = (call: Pick<CallContext, 'tenant_id'>): string | undefined =>
  process.env.TOOLWATCH_TENANTS === 'off' ? undefined : (call.tenant_id ?? NO_TENANT);
