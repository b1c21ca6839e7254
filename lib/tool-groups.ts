import { createHash } from 'node:crypto';
import { NestedStack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Rollout } from './rollout.ts';
import { Tool, type ToolProps } from './tool.ts';

/** More tools than this do not fit beside the rest in one stack of 500 resources, with room to grow. */
const TOOLS_IN_ONE_STACK = 36;
const GROUPS = 16;

/**
 * The tools: in the stack itself while they are few, then spread over nested stacks. A tool's group follows from its name
 * alone, so adding or removing another never moves it.
 */
export class ToolGroups extends Construct {
  constructor(scope: Construct, id: string, props: Omit<ToolProps, 'rollout'>) {
    super(scope, id);
    const { tools, settings } = props.deployment;
    const gradual = settings.rollout;
    const rollout = gradual === 'all-at-once' ? undefined : new Rollout(this, 'Rollout', props.deployment, gradual);
    const groups = settings.toolGroups ?? defaultGroups(tools.length);
    const stacks = new Map<number, NestedStack>();
    for (const { facts } of tools) {
      const group = groupOf(facts.name, groups);
      if (groups > 0 && !stacks.has(group)) stacks.set(group, new NestedStack(this, `Group${group}`));
      new Tool(stacks.get(group) ?? this, facts.name, facts, { ...props, rollout });
    }
  }
}

export const defaultGroups = (tools: number): number => (tools > TOOLS_IN_ONE_STACK ? GROUPS : 0);

const groupOf = (name: string, groups: number): number =>
  groups === 0 ? 0 : createHash('sha256').update(name).digest().readUInt32BE(0) % groups;
