import type { CallContext } from '../contract/call-context.ts';
import { NO_TENANT } from '../contract/vocabulary.ts';

/**
 * On behalf of which tenant a tool asks the api: that of its caller, and nobody's where the house has none. A caller
 * without a tenant is shown what belongs to no tenant, and never the house.
 */
export const tenantOf = (call: Pick<CallContext, 'tenant_id'>): string | undefined =>
  process.env.TOOLWATCH_TENANTS === 'off' ? undefined : (call.tenant_id ?? NO_TENANT);
