import { createHash } from 'node:crypto';
import { NestedStack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Rollout } from './rollout.ts';
import { Tool, type ToolProps } from './tool.ts';

/**
 * The tools, distributed over nested stacks, because a stack holds at most 500 resources. A tool's group depends only
 * on its name, so a tool never moves, however many others are added.
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
