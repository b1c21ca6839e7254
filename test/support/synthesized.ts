import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { synthesizeApp } from '../../lib/app.ts';
import type { Bundles } from '../../lib/bundle.ts';
import type { ListedTool } from '../../lib/listed-tool.ts';
import { type SettingsInput, settingsFrom } from '../../lib/settings.ts';

export interface Resource {
  Type: string;
  Properties: ReturnType<typeof JSON.parse>;
  DependsOn?: string[];
  DeletionPolicy?: string;
}

/** Every resource of the synthesized app, nested stacks included, by `<template>/<logical id>`. */
export type Resources = Record<string, Resource>;

/** What a test reads of a template. */
export interface Template {
  Resources: Resources;
  Outputs?: Record<string, { Value: unknown; Export?: { Name: string } }>;
  Parameters?: Record<string, { Default?: unknown; AllowedValues?: string[]; ConstraintDescription?: string }>;
}

/** A tool of the list, with what the test does not state filled in. */
export const aTool = (facts: Partial<ToolFacts> = {}): ListedTool => ({
  facts: {
    name: 'order_status',
    description: 'Look up where an order is. Use it when a customer asks.',
    input: z.object({}),
    output: z.object({}),
    readOnly: true,
    timeoutSeconds: 10,
    alarms: { p95Ms: 2_000, errorRate: 0.02 },
    ...facts,
  },
});

/** The app's templates, synthesized with empty functions, whose code does not matter here. */
export function synthesize(
  input: SettingsInput = {},
  tools: readonly ListedTool[] = [aTool(), aTool({ name: 'place_order', asksApi: true })],
): {
  resources: Resources;
  perStack: Record<string, Resources>;
  outputs: string[];
  templates: Record<string, Template>;
} {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-synth-'));
  try {
    const code = join(folder, 'code');
    mkdirSync(code);
    writeFileSync(join(code, 'index.mjs'), '');
    const bundles: Bundles = { function: () => code, tool: () => code, version: 'test', dispose: () => {} };
    const outdir = join(folder, 'out');
    synthesizeApp(settingsFrom(input), { outdir, tools, bundles });
    const files = readdirSync(outdir).filter((file) => file.endsWith('.template.json'));
    const templates: Record<string, Template> = Object.fromEntries(
      files.map((file) => [
        file.replace(/(\.nested)?\.template\.json$/, ''),
        JSON.parse(readFileSync(join(outdir, file), 'utf8')),
      ]),
    );
    const perStack = Object.fromEntries(Object.entries(templates).map(([stack, { Resources }]) => [stack, Resources]));
    const outputs = Object.values(templates).flatMap(({ Outputs = {} }) => Object.keys(Outputs));
    const resources = Object.fromEntries(
      Object.entries(perStack).flatMap(([stack, own]) =>
        Object.entries(own).map(([id, resource]) => [`${stack}/${id}`, resource]),
      ),
    );
    return { resources, perStack, outputs, templates };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The resources of these types. */
export const ofType = (resources: Resources, ...types: string[]): Resource[] =>
  Object.values(resources).filter(({ Type }) => types.includes(Type));

/** The alarms, composites included. */
export const alarmsOf = (resources: Resources): Resource[] =>
  ofType(resources, 'AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm');

/** A statement of an IAM policy. */
export interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

/** The statements of each function's role, by the function's name. */
export function rolesOfFunctions(resources: Resources): Record<string, Statement[]> {
  const named = Object.entries(resources).filter(
    ([, { Type, Properties }]) => Type === 'AWS::Lambda::Function' && Properties.FunctionName,
  );
  return Object.fromEntries(
    named.map(([path, { Properties }]) => {
      const role = resources[`${path.split('/')[0]}/${Properties.Role['Fn::GetAtt'][0]}`];
      if (!role) throw new Error(`${path} runs under a role of another stack`);
      if (role.Properties.ManagedPolicyArns) throw new Error(`${path} runs under a managed policy`);
      return [
        Properties.FunctionName,
        role.Properties.Policies.flatMap(
          (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
        ),
      ];
    }),
  );
}

/** A value, or the list that it is. */
export const listOf = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
