import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { buildApp } from '../lib/app.ts';
import type { Settings } from '../lib/settings.ts';
import { deploy, type Rule } from './deploy.ts';
import type { Place } from './place.ts';
import { allStacks, readAssembly, type Stack } from './template.ts';

/** The stacks as they would be deployed, but for the functions' code, which alarms do not ask for. */
export const alarmStacks = (settings: Settings): Stack[] => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-alarms-'));
  try {
    const code = join(folder, 'code');
    mkdirSync(code);
    writeFileSync(join(code, 'index.mjs'), '');
    const bundles = { function: () => code, tool: () => code, version: 'scenario', dispose: () => {} };
    buildApp(settings, { outdir: join(folder, 'out'), bundles }).synth();
    return readAssembly(join(folder, 'out')).stacks;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const named = z.object({ FunctionName: z.string().optional(), LogGroupName: z.string().optional() });

/** A resource nobody looks at: whatever is asked of it has its name. */
const standIn: Rule = ({ logicalId, properties }) => {
  const { FunctionName, LogGroupName = logicalId } = named.parse(properties);
  return {
    ref: FunctionName ?? LogGroupName,
    attributes: new Proxy({}, { get: (_, name) => `${logicalId}.${String(name)}` }),
  };
};

/** Makes the stacks' alarms by their rules, and of everything else only names. */
export const deployAlarms = (stacks: readonly Stack[], rules: Record<string, Rule>, place: Place) => {
  const types = allStacks(stacks).flatMap(({ template }) => Object.values(template.Resources).map(({ Type }) => Type));
  return deploy(stacks, { ...Object.fromEntries(types.map((type) => [type, standIn])), ...rules }, place);
};
