import type { ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import type { Topology } from '../../lambdas/notify/incidents/causes.ts';

/** What the notifier knows of the tools: which of them depend on which provider, and which on the api. */
export const dependenciesOf = (tools: readonly Pick<ToolFacts, 'name' | 'provider' | 'asksApi'>[]): Topology['tools'] =>
  Object.fromEntries(
    tools.map(({ name, provider, asksApi }) => [
      name,
      { ...(provider === undefined ? {} : { provider }), ...(asksApi ? { asksApi } : {}) },
    ]),
  );
