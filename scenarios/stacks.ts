import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { deploy } from '../emulator/cloudformation/deploy.ts';
import type { ResourceHandler } from '../emulator/cloudformation/resource-handler.ts';
import { allStacks, readAssembly, type Stack } from '../emulator/cloudformation/template.ts';
import type { Place } from '../emulator/place.ts';
import type { ToolFacts } from '../lambdas/contract/tool-facts.ts';
import { synthesizeApp } from '../lib/app.ts';
import type { ListedTool } from '../lib/listed-tool.ts';
import { findToolsSlowerThanEndpoint } from '../lib/settings/front-door-settings.ts';
import { type Settings, settingsFrom } from '../lib/settings.ts';
import type { Scenario } from './scenario.ts';

/**
 * What a scenario runs in: the stacks as they would be deployed, but without the functions' code, which alarms do not
 * need.
 */
export interface Deployment {
  settings: Settings;
  tools: readonly ToolFacts[];
  stacks: readonly Stack[];
}

const synthesizeStacks = (settings: Settings, tools: readonly ListedTool[]): Stack[] => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-alarms-'));
  try {
    const code = join(folder, 'code');
    mkdirSync(code);
    writeFileSync(join(code, 'index.mjs'), '');
    const bundles = { function: () => code, tool: () => code, version: 'scenario', dispose: () => {} };
    synthesizeApp(settings, { outdir: join(folder, 'out'), tools, bundles, comparesWithSchemas: false });
    return readAssembly(join(folder, 'out')).stacks;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** A tool that exists only in scenarios. */
const createTool = (name: string): ListedTool => ({
  facts: {
    name,
    description: 'A tool of a scenario. Use it only in scenarios.',
    input: z.object({}),
    output: z.object({}),
    readOnly: true,
    timeoutSeconds: 10,
    alarms: { p95Ms: 2_000, errorRate: 0.02 },
  },
});

const omitUndefined = <T extends object>(given: T) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

/** The listed tools, with the tools that the scenario adds and the facts that it changes. */
const toolsOf = ({ tools, more_tools }: Scenario, listed: readonly ListedTool[]): ListedTool[] => {
  const byName = new Map(listed.map((tool) => [tool.facts.name, tool]));
  for (let number = 1; number <= more_tools; number += 1) byName.set(`tool_${number}`, createTool(`tool_${number}`));
  for (const [name, { provider, timeoutSeconds, ...alarms }] of Object.entries(tools)) {
    const { facts } = byName.get(name) ?? createTool(name);
    const changed = { ...facts, ...omitUndefined({ provider, timeoutSeconds }) };
    byName.set(name, { facts: { ...changed, alarms: { ...facts.alarms, ...omitUndefined(alarms) } } });
  }
  return [...byName.values()];
};

/** A front door for tools that take longer than an HTTP API waits; what the scenario itself states is left alone. */
const withFrontDoor = (settings: Settings, { settings: stated }: Scenario, tools: readonly ListedTool[]): Settings =>
  'frontDoor' in stated || findToolsSlowerThanEndpoint(settings.frontDoor, tools).length === 0
    ? settings
    : { ...settings, frontDoor: { kind: 'function-url' } };

/**
 * Returns a function that gives each scenario its deployment: the settings of cdk.json and the listed tools, with what
 * the scenario changes. Scenarios with the same changes share one, because synthesis takes seconds. The function
 * throws `InvalidSettings`.
 */
export const createDeployments = (settings: object, listed: readonly ListedTool[]) => {
  const deployments = new Map<string, Deployment>();
  return (scenario: Scenario): Deployment => {
    const key = JSON.stringify([scenario.settings, scenario.tools, scenario.more_tools]);
    const existing = deployments.get(key);
    if (existing) return existing;
    const tools = toolsOf(scenario, listed);
    const changedSettings = withFrontDoor(settingsFrom({ ...settings, ...scenario.settings }), scenario, tools);
    const deployment = {
      settings: changedSettings,
      tools: tools.map(({ facts }) => facts),
      stacks: synthesizeStacks(changedSettings, tools),
    };
    deployments.set(key, deployment);
    return deployment;
  };
};

const leanStacks = new WeakMap<Deployment, readonly Stack[]>();

/** The stacks of the same deployment with lean monitoring. */
export const leanStacksOf = (deployment: Deployment): readonly Stack[] => {
  const existing = leanStacks.get(deployment);
  if (existing) return existing;
  const stacks = synthesizeStacks(
    { ...deployment.settings, monitoring: 'lean' },
    deployment.tools.map((facts) => ({ facts })),
  );
  leanStacks.set(deployment, stacks);
  return stacks;
};

const physicalNames = z.object({ FunctionName: z.string().optional(), LogGroupName: z.string().optional() });

/** Creates nothing: every reference to the resource resolves to its name. */
const placeholder: ResourceHandler = ({ logicalId, properties }) => {
  const { FunctionName, LogGroupName = logicalId } = physicalNames.parse(properties);
  return {
    ref: FunctionName ?? LogGroupName,
    attributes: new Proxy({}, { get: (_, name) => `${logicalId}.${String(name)}` }),
  };
};

/** Deploys the stacks' alarms with their resource handlers, and placeholders for all other resources. */
export const deployAlarms = (stacks: readonly Stack[], handlers: Record<string, ResourceHandler>, place: Place) => {
  const types = allStacks(stacks).flatMap(({ template }) => Object.values(template.Resources).map(({ Type }) => Type));
  return deploy(stacks, { ...Object.fromEntries(types.map((type) => [type, placeholder])), ...handlers }, place);
};
