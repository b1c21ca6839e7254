import * as z from 'zod';
import type { Place } from '../place.ts';
import { referencesIn, resolve, type TemplateScope } from './intrinsics.ts';
import type { CreatedResource, ResourceDeclaration, ResourceHandler } from './resource-handler.ts';
import { createScope } from './scope.ts';
import type { StackStep } from './stack-status.ts';
import { type Resource, type Stack, sortByDependencies, type Template } from './template.ts';

/** A resource as the last deployment left it. */
export interface DeployedResource {
  created: CreatedResource;
  /** The properties it was created with, as JSON; undefined while an update is under way or after one that failed. */
  definition: string | undefined;
  /** Whether it stays when the template no longer declares it. */
  isRetained: boolean;
}

/** What the stacks of one deployment share. */
export interface DeployContext {
  handlers: Readonly<Record<string, ResourceHandler>>;
  place: Place;
  /** What the other stacks export, by name. */
  exports: ReadonlyMap<string, unknown>;
  /** Gains what this stack and its nested stacks export. */
  exported: Map<string, unknown>;
  /** The resources that exist, by stack and logical id; gains those that are created. */
  deployed: Map<string, DeployedResource>;
  /** The keys of `deployed` that the templates declare. */
  declaredKeys: Set<string>;
  /** Gains each resource whose update created another one, with another `Ref`, in its place. */
  replaced: CreatedResource[];
  /** Aborted by the first failure: then no further resource is begun. */
  failure: AbortController;
  /** Receives the steps of nested stacks. */
  report: (stack: string, step: StackStep, reason?: string) => void;
}

export const keyOf = (stack: string, logicalId: string): string => `${stack}/${logicalId}`;

const nestedProperties = z.object({ Parameters: z.record(z.string(), z.string()).default({}) });

/** Deploys a nested stack: it receives parameters, and its outputs become its attributes. */
const deployNested = async (stack: Stack, properties: unknown, context: DeployContext): Promise<CreatedResource> => {
  context.report(stack.name, 'begun');
  const outputs = await deployStack(stack, nestedProperties.parse(properties).Parameters, context);
  context.report(stack.name, 'done');
  const attributes = Object.entries(outputs).map(([name, value]) => [`Outputs.${name}`, value]);
  return { ref: stack.name, attributes: Object.fromEntries(attributes) };
};

/** Creates a resource, or updates it when its definition has changed; otherwise leaves it alone. */
const applyHandler = async (
  { Type: type, DeletionPolicy: deletionPolicy }: Resource,
  declared: ResourceDeclaration,
  { handlers, deployed, declaredKeys, replaced, failure }: DeployContext,
): Promise<CreatedResource> => {
  const key = keyOf(declared.stack, declared.logicalId);
  const before = deployed.get(key);
  const definition = JSON.stringify([declared.properties, declared.updatePolicy]);
  declaredKeys.add(key);
  const isRetained = deletionPolicy?.startsWith('Retain') ?? false;
  if (before?.definition === definition) {
    deployed.set(key, { ...before, isRetained });
    return before.created;
  }
  const handler = handlers[type] as ResourceHandler;
  if (before && !handler.updatable) throw new Error('it cannot be changed in place here: restart the local run');
  if (before) deployed.set(key, { ...before, definition: undefined });
  const created = await handler({ ...declared, previous: before?.created, signal: failure.signal });
  deployed.set(key, { created, definition, isRetained });
  if (before && before.created.ref !== created.ref) replaced.push(before.created);
  return created;
};

const dependenciesOf = ({ Properties, UpdatePolicy, DependsOn = [] }: Resource): string[] => [
  ...referencesIn(Properties),
  ...referencesIn(UpdatePolicy),
  ...(typeof DependsOn === 'string' ? [DependsOn] : DependsOn),
];

const isIncluded = ({ Condition }: { Condition?: string | undefined }, scope: TemplateScope): boolean =>
  Condition === undefined || scope.conditionHolds(Condition);

/** Resolves the outputs of a deployed stack and adds those that have an export name to `exported`. */
const resolveOutputs = ({ Outputs }: Template, scope: TemplateScope, exported: DeployContext['exported']) => {
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(Outputs)) {
    if (!isIncluded(output, scope)) continue;
    const path = `Outputs.${name}`;
    const value = resolve(output.Value, scope, path);
    if (output.Export) exported.set(String(resolve(output.Export.Name, scope, path)), value);
    outputs[name] = String(value);
  }
  return outputs;
};

/**
 * Creates or updates a stack's resources, each after those it depends on and otherwise concurrently, and returns its
 * outputs. Rejects when a resource fails, after all those already begun have ended.
 */
export const deployStack = async (
  stack: Stack,
  parameters: Readonly<Record<string, string>>,
  context: DeployContext,
): Promise<Record<string, string>> => {
  const { name, template, nested = {} } = stack;
  const { place, exports, exported, failure } = context;
  const created = new Map<string, CreatedResource>();
  const scope = createScope(stack, { place, parameters, exports, created });

  const deployResource = async (logicalId: string): Promise<void> => {
    const resource = template.Resources[logicalId] as Resource;
    try {
      if (failure.signal.aborted || !isIncluded(resource, scope)) return;
      const properties = resolve(resource.Properties, scope, 'Properties');
      const updatePolicy = resolve(resource.UpdatePolicy, scope, 'UpdatePolicy');
      const nestedStack = nested[logicalId];
      const result = nestedStack
        ? await deployNested(nestedStack, properties, context)
        : await applyHandler(resource, { stack: name, logicalId, properties, updatePolicy }, context);
      created.set(logicalId, result);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : cause;
      // Only the first failure is reported: abort ignores later calls, and later failures are consequences of it.
      failure.abort(new Error(`${resource.Type} ${keyOf(name, logicalId)}: ${message}`, { cause }));
    }
  };

  const resources = Object.entries(template.Resources);
  const dependencies = new Map(resources.map(([id, resource]) => [id, dependenciesOf(resource)]));
  const tasks = new Map<string, Promise<void>>();
  for (const logicalId of sortByDependencies(dependencies)) {
    const dependencyTasks = (dependencies.get(logicalId) ?? []).map((id) => tasks.get(id));
    tasks.set(
      logicalId,
      Promise.all(dependencyTasks).then(() => deployResource(logicalId)),
    );
  }
  await Promise.all(tasks.values());
  failure.signal.throwIfAborted();
  return resolveOutputs(template, scope, exported);
};
