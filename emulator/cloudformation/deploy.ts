import type { Place } from '../place.ts';
import { type DeployContext, type DeployedResource, deployStack, keyOf } from './deploy-stack.ts';
import type { CreatedResource, ResourceHandler } from './resource-handler.ts';
import { allStacks, NESTED_STACK, type Resource, type Stack } from './template.ts';

type Handlers = Readonly<Record<string, ResourceHandler>>;

/** The stacks that are deployed, and what they consist of. */
export interface Deployment {
  /** By stack and output name. */
  outputs: Record<string, Record<string, string>>;
  stacks: readonly Stack[];
  /** By stack and logical id. */
  resources: Map<string, DeployedResource>;
}

/** A deployment that failed and whose failed stack is as before; stacks that were complete by then stay deployed. */
export class RolledBack extends Error {
  override name = 'RolledBack';
  /** What is deployed now. */
  readonly deployment: Deployment;

  constructor(message: string, deployment: Deployment, cause: unknown) {
    super(message, { cause });
    this.deployment = deployment;
  }
}

const NOT_DEPLOYED: Deployment = { outputs: {}, stacks: [], resources: new Map() };

/** The resources whose type has no handler, each as `Type (stack/logicalId)`. */
const findUnsupportedTypes = (stacks: readonly Stack[], handlers: Handlers): string[] =>
  allStacks(stacks).flatMap(({ name, template }) =>
    Object.entries(template.Resources)
      .filter(([, { Type }]) => !(Type in handlers) && Type !== NESTED_STACK)
      .map(([logicalId, { Type }]) => `${Type} (${keyOf(name, logicalId)})`),
  );

const assertSupported = (stacks: readonly Stack[], handlers: Handlers): void => {
  const unsupported = findUnsupportedTypes(stacks, handlers);
  if (unsupported.length > 0) throw new Error(`The emulator has no handler for ${unsupported.join(', ')}`);
  for (const { name, template } of allStacks(stacks)) {
    const transforms = [template.Transform ?? []].flat().filter((transform) => transform !== 'AWS::LanguageExtensions');
    if (transforms.length > 0) throw new Error(`The emulator does not support the transform ${transforms} of ${name}`);
  }
};

const resourcesOf = (stacks: readonly Stack[]): Map<string, Resource> =>
  new Map(
    allStacks(stacks).flatMap(({ name, template }) =>
      Object.entries(template.Resources).map(([id, resource]): [string, Resource] => [keyOf(name, id), resource]),
    ),
  );

/** Describes each resource that differs between two deployments although its handler cannot update it. */
const findForbiddenChanges = (before: readonly Stack[], after: readonly Stack[], handlers: Handlers): string[] => {
  const oldResources = resourcesOf(before);
  const newResources = resourcesOf(after);
  const describeChange = (key: string): string[] => {
    const [previous, next] = [oldResources.get(key), newResources.get(key)];
    const { Type } = (next ?? previous) as Resource;
    if (Type === NESTED_STACK || handlers[Type]?.updatable) return [];
    if (!previous) return [`${Type} (${key}) is new`];
    if (!next) return [`${Type} (${key}) is gone`];
    const isSame = JSON.stringify(previous.Properties) === JSON.stringify(next.Properties);
    return isSame ? [] : [`${Type} (${key}) has changed`];
  };
  return [...new Set([...oldResources.keys(), ...newResources.keys()])].flatMap(describeChange);
};

/** Deploys one stack and its nested stacks, and then, as CloudFormation does, deletes what is no longer declared. */
const updateStack = async (
  stack: Stack,
  shared: Omit<DeployContext, 'declaredKeys' | 'replaced' | 'failure'>,
): Promise<Record<string, string>> => {
  const { deployed } = shared;
  const declaredKeys = new Set<string>();
  const replaced: CreatedResource[] = [];
  const outputs = await deployStack(stack, {}, { ...shared, declaredKeys, replaced, failure: new AbortController() });
  for (const { remove } of replaced) await remove?.();
  const ownStacks = new Set(allStacks([stack]).map(({ name }) => name));
  for (const [key, { created }] of [...deployed].reverse()) {
    const isOwn = ownStacks.has(key.slice(0, key.lastIndexOf('/')));
    if (!isOwn || declaredKeys.has(key)) continue;
    await created.remove?.();
    deployed.delete(key);
  }
  return outputs;
};

/**
 * Creates every resource of the stacks; of an earlier deployment it updates what differs and deletes what is no longer
 * declared. Throws, naming the resource, when a type has no handler or a handler refuses. A stack that was deployed
 * before is then rolled back, and the error is `RolledBack`.
 */
export const deploy = async (
  stacks: readonly Stack[],
  handlers: Handlers,
  place: Place,
  before: Deployment = NOT_DEPLOYED,
): Promise<Deployment> => {
  assertSupported(stacks, handlers);
  const forbidden = before === NOT_DEPLOYED ? [] : findForbiddenChanges(before.stacks, stacks, handlers);
  if (forbidden.length > 0) {
    throw new Error(`These cannot be changed in place here: restart the local run. ${forbidden.join(', ')}`);
  }

  const deployed = new Map(before.resources);
  const outputs: Deployment['outputs'] = {};
  const shared = { handlers, place, exports: new Map<string, unknown>(), deployed };
  for (const [index, stack] of stacks.entries()) {
    const previous = before.stacks.find(({ name }) => name === stack.name);
    try {
      outputs[stack.name] = await updateStack(stack, shared);
    } catch (cause) {
      if (!previous) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      await updateStack(previous, shared).catch((error: unknown) => {
        throw new Error(`${stack.name} could not be rolled back (${error}) after it failed: ${why}`, { cause });
      });
      const remaining = [...stacks.slice(0, index), ...before.stacks.slice(index)];
      const deployment = { ...before, stacks: remaining, resources: deployed };
      throw new RolledBack(`${stack.name} was rolled back: ${why}`, deployment, cause);
    }
  }
  return { outputs, stacks, resources: deployed };
};
