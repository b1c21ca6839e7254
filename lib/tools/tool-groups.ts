import { createHash } from 'node:crypto';
import { NestedStack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Rollout } from './rollout.ts';
import { Tool, type ToolProps } from './tool.ts';

/**
 * The tools, spread over nested stacks, for one stack takes 500 resources. A tool's group follows from its name alone, from the first
 * tool on: so however many there come to be, none ever moves.
 */
export class ToolGroups extends Construct {
  constructor(scope: Construct, id: string, props: Omit<ToolProps, 'rollout'>) {
    super(scope, id);
    const { tools, settings } = props.deployment;
    const gradual = settings.rollout;
    const rollout = gradual === 'all-at-once' ? undefined : new Rollout(this, 'Rollout', props.deployment, gradual);
    const groups = settings.toolGroups;
    const stacks = new Map<number, NestedStack>();
    for (const { facts } of tools) {
      const group = groupOf(facts.name, groups);
      if (groups > 0 && !stacks.has(group)) stacks.set(group, new NestedStack(this, `Group${group}`));
      new Tool(stacks.get(group) ?? this, facts.name, facts, { ...props, rollout });
    }
  }
}

const groupOf = (name: string, groups: number): number =>
  groups === 0 ? 0 : createHash('sha256').update(name).digest().readUInt32BE(0) % groups;
