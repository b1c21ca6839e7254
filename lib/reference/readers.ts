import type { Endpoint } from '../../lambdas/contract/endpoints.ts';

/** Who may send a request, in words. */
export const READERS: Readonly<Record<Endpoint['readers'], string>> = {
  anyone: 'anyone whom the front door admits',
  tenant: 'a tenant, its own calls; the operator, all calls',
  operator: 'the operator',
};
