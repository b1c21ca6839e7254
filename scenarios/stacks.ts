import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { deploy } from '../emulator/cloudformation/deploy.ts';
import type { ResourceHandler } from '../emulator/cloudformation/resource-handler.ts';
import { allStacks, readAssembly, type Stack } from '../emulator/cloudformation/template.ts';
import type { Place } from '../emulator/place.ts';
import type { ToolFacts } from '../lambdas/contract/tool-facts.ts';
import { buildApp } from '../lib/app.ts';
import type { ListedTool } from '../lib/listed-tool.ts';
import { type Settings, settingsFrom } from '../lib/settings.ts';
import type { Scenario } from './scenario.ts';

/** What a scenario happens in: the stacks as they would be deployed, but for the functions' code, which alarms do not ask for. */
export interface Deployment {
  settings: Settings;
  tools: readonly ToolFacts[];
  stacks: readonly Stack[];
}

const synthesized = (settings: Settings, tools: readonly ListedTool[]): Stack[] => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-alarms-'));
  try {
    const code = join(folder, 'code');
    mkdirSync(code);
    writeFileSync(join(code, 'index.mjs'), '');
    const bundles = { function: () => code, tool: () => code, version: 'scenario', dispose: () => {} };
    buildApp(settings, { outdir: join(folder, 'out'), tools, bundles }).synth();
    return readAssembly(join(folder, 'out')).stacks;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** A tool that only scenarios have. */
const newTool = (name: string): ListedTool => ({
  facts: {
    name,
    description: `A tool of a scenario. Use it never.`,
    input: z.object({}),
    output: z.object({}),
    readOnly: true,
    timeoutSeconds: 10,
    alarms: { p95Ms: 2_000, errorRate: 0.02 },
  },
});

const definedOnly = <T extends object>(given: T) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

const toolsOf = ({ tools, more_tools }: Scenario, listed: readonly ListedTool[]): ListedTool[] => {
  const known = new Map(listed.map((tool) => [tool.facts.name, tool]));
  for (let number = 1; number <= more_tools; number += 1) known.set(`tool_${number}`, newTool(`tool_${number}`));
  for (const [name, { provider, timeoutSeconds, ...alarms }] of Object.entries(tools)) {
    const { facts } = known.get(name) ?? newTool(name);
    const given = { ...facts, ...definedOnly({ provider, timeoutSeconds }) };
    known.set(name, { facts: { ...given, alarms: { ...facts.alarms, ...definedOnly(alarms) } } });
  }
  return [...known.values()];
};

/**
 * Gives each scenario's deployment: that of `cdk.json`'s settings and the listed tools, but for what the scenario says
 * itself. Scenarios that say the same share one, as synthesis takes seconds. Throws `InvalidSettings`.
 */
export const deployments = (settings: object, listed: readonly ListedTool[]) => {
  const known = new Map<string, Deployment>();
  return (one: Scenario): Deployment => {
    const key = JSON.stringify([one.settings, one.tools, one.more_tools]);
    const there = known.get(key);
    if (there) return there;
    const chosen = settingsFrom({ ...settings, ...one.settings });
    const tools = toolsOf(one, listed);
    const made = { settings: chosen, tools: tools.map(({ facts }) => facts), stacks: synthesized(chosen, tools) };
    known.set(key, made);
    return made;
  };
};

const leanOf = new WeakMap<Deployment, readonly Stack[]>();

/** The same deployment's stacks with lean monitoring. */
export const leanStacks = (one: Deployment): readonly Stack[] => {
  const known = leanOf.get(one);
  if (known) return known;
  const made = synthesized(
    { ...one.settings, monitoring: 'lean' },
    one.tools.map((facts) => ({ facts })),
  );
  leanOf.set(one, made);
  return made;
};

const named = z.object({ FunctionName: z.string().optional(), LogGroupName: z.string().optional() });

/** A resource nobody looks at: whatever is asked of it has its name. */
const standIn: ResourceHandler = ({ logicalId, properties }) => {
  const { FunctionName, LogGroupName = logicalId } = named.parse(properties);
  return {
    ref: FunctionName ?? LogGroupName,
    attributes: new Proxy({}, { get: (_, name) => `${logicalId}.${String(name)}` }),
  };
};

/** Makes the stacks' alarms by their rules, and of everything else only names. */
export const deployAlarms = (stacks: readonly Stack[], rules: Record<string, ResourceHandler>, place: Place) => {
  const types = allStacks(stacks).flatMap(({ template }) => Object.values(template.Resources).map(({ Type }) => Type));
  return deploy(stacks, { ...Object.fromEntries(types.map((type) => [type, standIn])), ...rules }, place);
};
