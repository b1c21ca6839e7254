import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type CountedFunction, MAX_TOOLS_OF_FUNCTION } from '../alarms/unrecorded-alarms.ts';
import { metricNameOf } from './function-name.ts';
import type { ObservedTool } from './observability-props.ts';

/**
 * The functions whose runs can be compared with the lines of their tools: several tools may have one function. Warns of
 * one that has more tools than an alarm can read.
 */
export function findCountedFunctions(scope: Construct, tools: readonly ObservedTool[]): CountedFunction[] {
  const byFunction = new Map<string, ObservedTool[]>();
  for (const tool of tools) {
    if (!tool.function) continue;
    const name = metricNameOf(tool.name, tool.function);
    byFunction.set(name, [...(byFunction.get(name) ?? []), tool]);
  }
  return [...byFunction].flatMap(([functionName, sharing]) => {
    const [first, ...others] = sharing;
    if (!first || sharing.some(({ everyRunIsACall = true }) => !everyRunIsACall)) return [];
    if (sharing.length <= MAX_TOOLS_OF_FUNCTION) {
      return [{ functionName, owner: first.alarms.owner, tools: [first.name, ...others.map(({ name }) => name)] }];
    }
    Annotations.of(scope).addWarningV2(
      'toolwatch:unrecorded',
      `The function of the tool ${first.name} has ${sharing.length} tools, and an alarm reads at most ` +
        `${MAX_TOOLS_OF_FUNCTION}, so that its lines are missing is not noticed; give some of them another function, ` +
        'or write everyRunIsACall: false.',
    );
    return [];
  });
}
