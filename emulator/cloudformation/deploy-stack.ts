import * as z from 'zod';
import type { Place } from '../place.ts';
import { mentionedIn, resolve } from './intrinsics.ts';
import type { CreatedResource, ResourceHandler } from './resource-handler.ts';
import { namesOf } from './stack-names.ts';
import { inOrder, type Resource, type Stack } from './template.ts';

/** A resource that is there. */
export interface DeployedResource {
  made: CreatedResource;
  /** Its properties when it was made, as JSON; nothing when it is half changed. */
  definition: string | undefined;
}

export interface DeployContext {
  rules: Readonly<Record<string, ResourceHandler>>;
  place: Place;
  exports: Map<string, unknown>;
  /** What is there already, by stack and logical id; gains what is made. */
  standing: Map<string, DeployedResource>;
  /** The keys of `standing` that the templates speak of. */
  seen: Set<string>;
  /** Gains what something of another name has taken the place of. */
  replaced: CreatedResource[];
  /** Aborted with the first failure: then nothing more is begun. */
  failing: AbortController;
}

export const keyOf = (stack: string, logicalId: string): string => `${stack}/${logicalId}`;

const nestedProperties = z.object({ Parameters: z.record(z.string(), z.string()).default({}) });

/** A stack in a stack: it is given parameters, and its outputs are its attributes. */
const deployNested = async (
  stack: Stack,
  properties: unknown,
  surroundings: DeployContext,
): Promise<CreatedResource> => {
  const outputs = await deployStack(stack, nestedProperties.parse(properties).Parameters, surroundings);
  const attributes = Object.entries(outputs).map(([name, value]) => [`Outputs.${name}`, value]);
  return { ref: stack.name, attributes: Object.fromEntries(attributes) };
};

/** What is as it was stays as it is; what is not is made, or changed by the rule that made it. */
const apply = async (
  { Type }: Resource,
  declared: { stack: string; logicalId: string; properties: unknown; updatePolicy: unknown },
  { rules, standing, seen, replaced, failing }: DeployContext,
): Promise<CreatedResource> => {
  const key = keyOf(declared.stack, declared.logicalId);
  const before = standing.get(key);
  const definition = JSON.stringify([declared.properties, declared.updatePolicy]);
  seen.add(key);
  if (before?.definition === definition) return before.made;
  const rule = rules[Type] as ResourceHandler;
  if (before && !rule.updatable) throw new Error('it would change, and the local run only knows how it begins');
  if (before) standing.set(key, { ...before, definition: undefined });
  const made = await rule({ ...declared, was: before?.made, stopped: failing.signal });
  standing.set(key, { made, definition });
  if (before && before.made.ref !== made.ref) replaced.push(before.made);
  return made;
};

const dependenciesOf = ({ Properties, UpdatePolicy, DependsOn = [] }: Resource): string[] => [
  ...mentionedIn(Properties),
  ...mentionedIn(UpdatePolicy),
  ...(typeof DependsOn === 'string' ? [DependsOn] : DependsOn),
];

/**
 * Makes or changes a stack's resources, each after what it speaks of and otherwise all at once, and gives its outputs. Rejects
 * when one of them fails, once those that were begun have ended.
 */
export const deployStack = async (
  { name: stack, template, nested = {} }: Stack,
  parameters: Readonly<Record<string, string>>,
  surroundings: DeployContext,
): Promise<Record<string, string>> => {
  const { place, exports, failing } = surroundings;
  const made = new Map<string, CreatedResource>();
  const names = namesOf({ name: stack, template }, { place, parameters, exports, made });
  const isThere = ({ Condition }: { Condition?: string | undefined }) =>
    Condition === undefined || names.holds(Condition);

  const make = async (logicalId: string): Promise<void> => {
    const one = template.Resources[logicalId] as Resource;
    try {
      if (failing.signal.aborted || !isThere(one)) return;
      const properties = resolve(one.Properties, names, 'Properties');
      const updatePolicy = resolve(one.UpdatePolicy, names, 'UpdatePolicy');
      const within = nested[logicalId];
      const result = within
        ? await deployNested(within, properties, surroundings)
        : await apply(one, { stack, logicalId, properties, updatePolicy }, surroundings);
      made.set(logicalId, result);
    } catch (cause) {
      // The first failure is the one that is told: those after it are its consequences.
      const words = `${one.Type} ${stack}/${logicalId}: ${cause instanceof Error ? cause.message : cause}`;
      failing.abort(new Error(words, { cause }));
    }
  };

  const dependencies = new Map(Object.entries(template.Resources).map(([id, one]) => [id, dependenciesOf(one)]));
  const tasks = new Map<string, Promise<void>>();
  for (const logicalId of inOrder(dependencies)) {
    const needed = (dependencies.get(logicalId) ?? []).map((other) => tasks.get(other));
    tasks.set(
      logicalId,
      Promise.all(needed).then(() => make(logicalId)),
    );
  }
  await Promise.all(tasks.values());
  failing.signal.throwIfAborted();

  return Object.fromEntries(
    Object.entries(template.Outputs)
      .filter(([, output]) => isThere(output))
      .map(([name, { Value, Export }]) => {
        const at = `Outputs.${name}`;
        const value = resolve(Value, names, at);
        if (Export) exports.set(String(resolve(Export.Name, names, at)), value);
        return [name, String(value)];
      }),
  );
};
