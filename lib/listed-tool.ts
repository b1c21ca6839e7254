import type { ToolFacts } from '../lambdas/contract/tool-facts.ts';

/** A tool as the list has it; what is deployed follows from its facts. */
export interface ListedTool {
  readonly facts: ToolFacts;
}

/** What alarms, dashboard and health view need to know of a tool, whoever deploys it. */
export type MonitoredTool = Pick<ToolFacts, 'name' | 'alarms' | 'provider'>;
