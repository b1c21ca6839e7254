import type { Place } from '../place.ts';
import { type DeployContext, type DeployedResource, deployStack, keyOf } from './deploy-stack.ts';
import type { CreatedResource, ResourceHandler } from './resource-handler.ts';
import { allStacks, NESTED_STACK, type Resource, type Stack } from './template.ts';

type Rules = Readonly<Record<string, ResourceHandler>>;

/** What has been deployed. */
export interface Deployed {
  /** By stack and name. */
  outputs: Record<string, Record<string, string>>;
  stacks: readonly Stack[];
  standing: Map<string, DeployedResource>;
}

/** A deployment that failed, and whose stack is as it was before; stacks that were done by then stay. */
export class RolledBack extends Error {
  override name = 'RolledBack';
  /** What is there now. */
  readonly now: Deployed;

  constructor(message: string, now: Deployed, cause: unknown) {
    super(message, { cause });
    this.now = now;
  }
}

const NOTHING: Deployed = { outputs: {}, stacks: [], standing: new Map() };

/** Every resource type of the stacks that no rule knows, and where it stands. */
export const unknownTypes = (stacks: readonly Stack[], rules: Rules): string[] =>
  allStacks(stacks).flatMap(({ name, template }) =>
    Object.entries(template.Resources)
      .filter(([, { Type }]) => !(Type in rules) && Type !== NESTED_STACK)
      .map(([logicalId, { Type }]) => `${Type} (${name}/${logicalId})`),
  );

const resourcesOf = (stacks: readonly Stack[]): Map<string, Resource> =>
  new Map(
    allStacks(stacks).flatMap(({ name, template }) =>
      Object.entries(template.Resources).map(([id, one]): [string, Resource] => [keyOf(name, id), one]),
    ),
  );

/** The resources in which two deployments differ although their rules only know how they begin, in words. */
const frozenDifferences = (before: readonly Stack[], after: readonly Stack[], rules: Rules): string[] => {
  const [old, young] = [resourcesOf(before), resourcesOf(after)];
  const wordsFor = (key: string): string[] => {
    const [was, is] = [old.get(key), young.get(key)];
    const { Type } = (is ?? was) as Resource;
    if (Type === NESTED_STACK || rules[Type]?.updatable) return [];
    if (!was) return [`${Type} (${key}) is new`];
    if (!is) return [`${Type} (${key}) is gone`];
    return JSON.stringify(was.Properties) === JSON.stringify(is.Properties) ? [] : [`${Type} (${key}) has changed`];
  };
  return [...new Set([...old.keys(), ...young.keys()])].flatMap(wordsFor);
};

/** One stack with those within it; what it no longer speaks of is taken away at the end, as CloudFormation does. */
const settle = async (stack: Stack, surroundings: Omit<DeployContext, 'seen' | 'replaced' | 'failing'>) => {
  const { standing } = surroundings;
  const seen = new Set<string>();
  const replaced: CreatedResource[] = [];
  const outputs = await deployStack(stack, {}, { ...surroundings, seen, replaced, failing: new AbortController() });
  for (const { remove } of replaced) await remove?.();
  const own = new Set(allStacks([stack]).map(({ name }) => name));
  for (const [key, { made }] of [...standing].reverse()) {
    const isOwn = own.has(key.slice(0, key.lastIndexOf('/')));
    if (!isOwn || seen.has(key)) continue;
    await made.remove?.();
    standing.delete(key);
  }
  return outputs;
};

/**
 * Makes every resource of the stacks; of what an earlier deployment made it changes what differs, and takes away what is
 * gone. Throws, naming the resource, when a type has no rule or a rule refuses; a stack that was there before then goes
 * back to what it was, and the error is `RolledBack`.
 */
export const deploy = async (
  stacks: readonly Stack[],
  rules: Rules,
  place: Place,
  before: Deployed = NOTHING,
): Promise<Deployed> => {
  const unknown = unknownTypes(stacks, rules);
  if (unknown.length > 0) throw new Error(`The local run has no rule for ${unknown.join(', ')}`);
  for (const { name, template } of allStacks(stacks)) {
    const transforms = [template.Transform ?? []].flat().filter((one) => one !== 'AWS::LanguageExtensions');
    if (transforms.length > 0) throw new Error(`The local run does not know the transform ${transforms} of ${name}`);
  }
  const frozen = before === NOTHING ? [] : frozenDifferences(before.stacks, stacks, rules);
  if (frozen.length > 0) {
    throw new Error(`The local run only knows how these begin; stop it and start it again: ${frozen.join(', ')}`);
  }

  const standing = new Map(before.standing);
  const exports = new Map<string, unknown>();
  const outputs: Deployed['outputs'] = {};
  for (const [index, stack] of stacks.entries()) {
    const was = before.stacks.find(({ name }) => name === stack.name);
    try {
      outputs[stack.name] = await settle(stack, { rules, place, exports, standing });
    } catch (cause) {
      if (!was) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      await settle(was, { rules, place, exports, standing }).catch((error: unknown) => {
        throw new Error(`${stack.name} could not be rolled back (${error}) after it failed: ${why}`, { cause });
      });
      const now = { ...before, stacks: [...stacks.slice(0, index), ...before.stacks.slice(index)], standing };
      throw new RolledBack(`${stack.name} is rolled back: ${why}`, now, cause);
    }
  }
  return { outputs, stacks, standing };
};
