import type { ListedTool } from '../listed-tool.ts';

/** What the notifier knows about the deployment: which tools depend on which provider. */
export const topologyOf = (tools: readonly ListedTool[]) => ({
  tools: Object.fromEntries(
    tools.map(({ facts: { name, provider } }) => [name, provider === undefined ? {} : { provider }]),
  ),
});
