import type { ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import type { Topology } from '../../lambdas/notify/incidents/causes.ts';

/** What the notifier knows about the deployment: which tools depend on which provider, and which on the api. */
export const topologyOf = (tools: readonly Pick<ToolFacts, 'name' | 'provider' | 'asksApi'>[]): Topology => ({
  tools: Object.fromEntries(
    tools.map(({ name, provider, asksApi }) => [
      name,
      { ...(provider === undefined ? {} : { provider }), ...(asksApi ? { asksApi } : {}) },
    ]),
  ),
});
