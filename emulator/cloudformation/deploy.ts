import type { Place } from '../place.ts';
import { type DeployContext, type DeployedResource, deployStack, keyOf } from './deploy-stack.ts';
import { importsIn } from './intrinsics.ts';
import type { CreatedResource, ResourceHandler } from './resource-handler.ts';
import type { ReportStatus } from './stack-status.ts';
import { allStacks, NESTED_STACK, type Resource, type Stack } from './template.ts';

type Handlers = Readonly<Record<string, ResourceHandler>>;

/** The stacks that are deployed, and what they consist of. */
export interface Deployment {
  /** By stack and output name. */
  outputs: Record<string, Record<string, string>>;
  stacks: readonly Stack[];
  /** By stack and logical id. */
  resources: Map<string, DeployedResource>;
  /** By stack: the values of its parameters, which a later deployment keeps, as the CDK's CLI does. */
  parameters: Record<string, Record<string, string>>;
  /** By stack and export name. */
  exports: Record<string, ReadonlyMap<string, unknown>>;
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

const NOT_DEPLOYED: Deployment = { outputs: {}, stacks: [], resources: new Map(), parameters: {}, exports: {} };

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

interface Shared extends Pick<DeployContext, 'handlers' | 'place' | 'deployed'> {
  report: DeployContext['report'];
  parameters: Deployment['parameters'];
  exports: Deployment['exports'];
  outputs: Deployment['outputs'];
}

/**
 * The values of a stack's parameters: those it has, else the defaults. Throws when the template does not allow one,
 * which CloudFormation finds out before it changes anything.
 */
const readParameters = (
  { template }: Stack,
  current: Readonly<Record<string, string>> = {},
): Record<string, string> => {
  const values: Record<string, string> = {};
  for (const [name, { Type, Default, AllowedValues, ConstraintDescription }] of Object.entries(template.Parameters)) {
    const value = current[name] ?? Default;
    if (value === undefined || Type.startsWith('AWS::SSM::')) continue;
    if (AllowedValues && !AllowedValues.includes(String(value))) {
      throw new Error(`Parameter ${name} ${ConstraintDescription}`);
    }
    values[name] = String(value);
  }
  return values;
};

/** Throws when a stack would no longer export what others import, or with another value. */
const assertImportsStay = (
  before: ReadonlyMap<string, unknown> = new Map(),
  after: ReadonlyMap<string, unknown>,
  importers: readonly Stack[],
): void => {
  for (const { name, template } of allStacks(importers)) {
    for (const exportName of importsIn(template.Resources)) {
      if (!before.has(exportName) || after.get(exportName) === before.get(exportName)) continue;
      const change = after.has(exportName) ? 'updated' : 'deleted';
      throw new Error(`Export ${exportName} cannot be ${change} as it is in use by ${name}`);
    }
  }
};

/**
 * Deploys one stack and its nested stacks, and then, as CloudFormation does, deletes what is no longer declared. It
 * throws before that when `importers`, the stacks that are still as before, import what is no longer exported.
 */
const updateStack = async (stack: Stack, shared: Shared, importers: readonly Stack[] = []): Promise<void> => {
  const { name } = stack;
  const { deployed } = shared;
  const parameters = readParameters(stack, shared.parameters[name]);
  const declaredKeys = new Set<string>();
  const replaced: CreatedResource[] = [];
  const exports = new Map(Object.values(shared.exports).flatMap((exported) => [...exported]));
  const exported = new Map<string, unknown>();
  const own = { exports, exported, declaredKeys, replaced, failure: new AbortController() };
  shared.report(name, 'begun');
  const outputs = await deployStack(stack, parameters, { ...shared, ...own });
  assertImportsStay(shared.exports[name], exported, importers);
  for (const { remove } of replaced) await remove?.();
  const ownStacks = new Set(allStacks([stack]).map((each) => each.name));
  for (const [key, { created, isRetained }] of [...deployed].reverse()) {
    const isOwn = ownStacks.has(key.slice(0, key.lastIndexOf('/')));
    if (!isOwn || declaredKeys.has(key)) continue;
    if (!isRetained) await created.remove?.();
    deployed.delete(key);
  }
  shared.parameters[name] = parameters;
  shared.exports[name] = exported;
  shared.outputs[name] = outputs;
  shared.report(name, 'done');
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
  reportStatus: ReportStatus = () => {},
): Promise<Deployment> => {
  assertSupported(stacks, handlers);
  const forbidden = before === NOT_DEPLOYED ? [] : findForbiddenChanges(before.stacks, stacks, handlers);
  if (forbidden.length > 0) {
    throw new Error(`These cannot be changed in place here: restart the local run. ${forbidden.join(', ')}`);
  }

  const { parameters, exports } = before;
  const deployed = new Map(before.resources);
  const silent: Shared['report'] = () => {};
  const shared: Shared = {
    handlers,
    place,
    deployed,
    parameters: { ...parameters },
    exports: { ...exports },
    outputs: {},
    report: silent,
  };
  for (const [index, stack] of stacks.entries()) {
    const previous = before.stacks.find(({ name }) => name === stack.name);
    // Of a stack that stays as it is, CloudFormation says nothing.
    const isSame = previous !== undefined && JSON.stringify(previous) === JSON.stringify(stack);
    const report: Shared['report'] = isSame
      ? silent
      : (name, step, reason) => reportStatus(name, previous !== undefined, step, reason);
    const later = before.stacks.filter(({ name }) => !stacks.slice(0, index + 1).some((done) => done.name === name));
    try {
      await updateStack(stack, { ...shared, report }, later);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      report(stack.name, 'failed', why);
      if (!previous) throw cause;
      await updateStack(previous, shared).catch((error: unknown) => {
        report(stack.name, 'not rolled back', String(error));
        throw new Error(`${stack.name} could not be rolled back (${error}) after it failed: ${why}`, { cause });
      });
      report(stack.name, 'rolled back');
      const remaining = [...stacks.slice(0, index), ...before.stacks.slice(index)];
      const outputs = { ...before.outputs, ...shared.outputs };
      throw new RolledBack(
        `${stack.name} was rolled back: ${why}`,
        deploymentOf({ ...shared, outputs }, remaining),
        cause,
      );
    }
  }
  return deploymentOf(shared, stacks);
};

const deploymentOf = ({ deployed, parameters, exports, outputs }: Shared, stacks: readonly Stack[]): Deployment => ({
  outputs,
  stacks,
  resources: deployed,
  parameters,
  exports,
});
