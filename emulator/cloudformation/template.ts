import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
  Condition: z.string().optional(),
  DeletionPolicy: z.string().optional(),
  /** How a later deployment changes the resource. */
  UpdatePolicy: z.record(z.string(), z.unknown()).default({}),
});
export type Resource = z.infer<typeof resource>;

const output = z.object({
  Value: z.unknown(),
  Condition: z.string().optional(),
  Export: z.object({ Name: z.unknown() }).optional(),
});

const template = z.object({
  Transform: z.union([z.string(), z.array(z.string())]).optional(),
  Parameters: z
    .record(
      z.string(),
      z.object({
        Type: z.string().default('String'),
        Default: z.unknown().optional(),
        AllowedValues: z.array(z.coerce.string()).optional(),
        ConstraintDescription: z.string().default('must be one of its allowed values'),
      }),
    )
    .default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resource),
  Outputs: z.record(z.string(), output).default({}),
});
export type Template = z.infer<typeof template>;

export interface Stack {
  name: string;
  template: Template;
  /** Its nested stacks, by their logical ids in its template. */
  nested?: Record<string, Stack>;
}

export const NESTED_STACK = 'AWS::CloudFormation::Stack';

/** The stacks and, at any depth, their nested stacks. */
export const allStacks = (stacks: readonly Stack[]): Stack[] =>
  stacks.flatMap((stack) => [stack, ...allStacks(Object.values(stack.nested ?? {}))]);

/** A cloud assembly as `cdk synth` leaves it. */
export interface Assembly {
  /** Each after the stacks it depends on. */
  stacks: Stack[];
  /** The folder or file to be uploaded under this key of the asset bucket; undefined when there is none. */
  asset(key: string): string | undefined;
}

const manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.object({ templateFile: z.string().optional(), file: z.string().optional() }).default({}),
      dependencies: z.array(z.string()).default([]),
    }),
  ),
});
type Artifacts = z.infer<typeof manifest>['artifacts'];

const assetManifest = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

const readJson = (folder: string, file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));

export const parseTemplate = (json: unknown): Template => template.parse(json);

/** Ids sorted so that each comes after its dependencies. Throws, naming the ids, on a cycle. */
export const sortByDependencies = (dependencies: ReadonlyMap<string, readonly string[]>): string[] => {
  const done = new Set<string>();
  const visiting = new Set<string>();
  const visit = (id: string) => {
    if (done.has(id)) return;
    if (visiting.has(id)) throw new Error(`${[...visiting, id].join(' → ')} depend on each other`);
    visiting.add(id);
    for (const dependency of dependencies.get(id) ?? []) if (dependencies.has(dependency)) visit(dependency);
    visiting.delete(id);
    done.add(id);
  };
  for (const id of dependencies.keys()) visit(id);
  return [...done];
};

const readAssets = (folder: string, artifacts: Artifacts): Map<string, string> => {
  const files = Object.values(artifacts).filter(({ type }) => type === 'cdk:asset-manifest');
  return new Map(
    files.flatMap(({ properties: { file = '' } }) =>
      Object.values(assetManifest.parse(readJson(folder, file)).files).flatMap(({ source, destinations }) =>
        Object.values(destinations).map(({ objectKey }): [string, string] => [objectKey, join(folder, source.path)]),
      ),
    ),
  );
};

/** Reads a template and those of its nested stacks, which are assets whose keys are in their `TemplateURL`. */
const readStack = (name: string, path: string, assets: ReadonlyMap<string, string>): Stack => {
  const template = parseTemplate(JSON.parse(readFileSync(path, 'utf8')));
  const nested: Record<string, Stack> = {};
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type !== NESTED_STACK) continue;
    const key = /[0-9a-f]{64}\.json/.exec(JSON.stringify(Properties.TemplateURL))?.[0] ?? '';
    nested[id] = readStack(`${name}-${id}`, assets.get(key) ?? '', assets);
  }
  return { name, template, nested };
};

/** Reads the assembly in a folder. */
export const readAssembly = (folder: string): Assembly => {
  const { artifacts } = manifest.parse(readJson(folder, 'manifest.json'));
  const order = sortByDependencies(
    new Map(Object.entries(artifacts).map(([name, { dependencies }]) => [name, dependencies])),
  );
  const assets = readAssets(folder, artifacts);
  return {
    stacks: order.flatMap((name) => {
      const artifact = artifacts[name];
      if (artifact?.type !== 'aws:cloudformation:stack') return [];
      return [readStack(name, join(folder, artifact.properties.templateFile ?? ''), assets)];
    }),
    asset: (key) => assets.get(key),
  };
};
