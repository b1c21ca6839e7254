import type { ToolFacts } from '../lambdas/contract/tool-facts.ts';

/** A tool as the list of tools has it; what is deployed follows from its facts. */
export interface ListedTool {
  readonly facts: ToolFacts;
}

/** What alarms, dashboard and health view need to know of a tool, in whichever app its function is deployed. */
export type MonitoredTool = Pick<ToolFacts, 'name' | 'alarms' | 'provider'>;
