import type { Place } from '../place.ts';
import { evaluateCondition } from './conditions.ts';
import type { TemplateScope } from './intrinsics.ts';
import type { CreatedResource } from './resource-handler.ts';
import type { Stack } from './template.ts';

interface ScopeOptions {
  place: Place;
  /** Passed by the parent stack. */
  parameters: Readonly<Record<string, string>>;
  exports: ReadonlyMap<string, unknown>;
  /** The stack's resources created so far, by logical id. */
  created: ReadonlyMap<string, CreatedResource>;
}

const pseudoParametersOf = ({ account, region, partition }: Place, stack: string): Record<string, string> => ({
  'AWS::AccountId': account,
  'AWS::Region': region,
  'AWS::Partition': partition,
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': stack,
  'AWS::StackId': `arn:${partition}:cloudformation:${region}:${account}:stack/${stack}/local`,
});

const readParameter = ({ template }: Stack, parameters: ScopeOptions['parameters'], id: string): unknown => {
  const { Type, Default } = template.Parameters[id] ?? {};
  const value = parameters[id] ?? Default;
  if (parameters[id] === undefined && Type?.startsWith('AWS::SSM::')) {
    throw new Error(`The parameter ${id} is read from Systems Manager, which the emulator does not have`);
  }
  if (value === undefined) throw new Error(`The parameter ${id} has no default and no value`);
  return Type?.includes('List') ? String(value).split(',') : value;
};

/** What the intrinsic functions of a stack's template read while the stack is deployed. */
export const createScope = (stack: Stack, { place, parameters, exports, created }: ScopeOptions): TemplateScope => {
  const { name, template } = stack;
  const pseudo = pseudoParametersOf(place, name);
  /** Conditions under evaluation, to detect a cycle. */
  const evaluating = new Set<string>();

  const findResource = (logicalId: string): CreatedResource => {
    const resource = created.get(logicalId);
    if (!resource) throw new Error(`${name} has no resource ${logicalId}`);
    return resource;
  };

  const scope: TemplateScope = {
    ref: (id) => {
      if (id === 'AWS::NoValue') return undefined;
      if (id in pseudo) return pseudo[id];
      return id in template.Parameters ? readParameter(stack, parameters, id) : findResource(id).ref;
    },
    attribute: (id, attribute) => {
      const value = findResource(id).attributes?.[attribute];
      if (value !== undefined) return value;
      throw new Error(`The emulator's ${template.Resources[id]?.Type} has no attribute ${attribute}`);
    },
    importValue: (exportName) => {
      if (!exports.has(exportName)) throw new Error(`No stack exports ${exportName}`);
      return exports.get(exportName);
    },
    findInMap: (map, first, second) => template.Mappings[map]?.[first]?.[second],
    conditionHolds: (condition) => {
      if (!(condition in template.Conditions)) throw new Error(`${name} has no condition ${condition}`);
      if (evaluating.has(condition)) throw new Error(`The condition ${condition} depends on itself`);
      evaluating.add(condition);
      try {
        return evaluateCondition(template.Conditions[condition], scope, `Conditions.${condition}`);
      } finally {
        evaluating.delete(condition);
      }
    },
    availabilityZones: () => ['a', 'b', 'c'].map((letter) => `${place.region}${letter}`),
  };
  return scope;
};
