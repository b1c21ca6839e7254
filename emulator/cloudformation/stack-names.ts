import type { Place } from '../place.ts';
import { conditionHolds } from './conditions.ts';
import type { Names } from './intrinsics.ts';
import type { CreatedResource } from './resource-handler.ts';
import type { Stack } from './template.ts';

interface Known {
  place: Place;
  /** Given by the stack around it. */
  parameters: Readonly<Record<string, string>>;
  exports: ReadonlyMap<string, unknown>;
  /** What has been made so far. */
  made: ReadonlyMap<string, CreatedResource>;
}

const pseudo = ({ account, region, partition }: Place, stack: string): Record<string, string> => ({
  'AWS::AccountId': account,
  'AWS::Region': region,
  'AWS::Partition': partition,
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': stack,
  'AWS::StackId': `arn:${partition}:cloudformation:${region}:${account}:stack/${stack}/local`,
});

/** What the functions of a stack's template are answered from, as it is made. */
export const namesOf = ({ name: stack, template }: Stack, { place, parameters, exports, made }: Known): Names => {
  const own = pseudo(place, stack);
  const asked = new Set<string>();

  const makeOf = (logicalId: string): CreatedResource => {
    const known = made.get(logicalId);
    if (!known) throw new Error(`${stack} has no resource ${logicalId}`);
    return known;
  };

  const parameter = (id: string): unknown => {
    const { Type, Default } = template.Parameters[id] ?? {};
    const value = parameters[id] ?? Default;
    if (parameters[id] === undefined && Type?.startsWith('AWS::SSM::')) {
      throw new Error(`The parameter ${id} is read from Systems Manager, which is not here`);
    }
    if (value === undefined) throw new Error(`The parameter ${id} has no default, and nobody gives it here`);
    return Type?.includes('List') ? String(value).split(',') : value;
  };

  const names: Names = {
    ref: (id) => {
      if (id === 'AWS::NoValue') return undefined;
      return own[id] ?? (id in template.Parameters ? parameter(id) : makeOf(id).ref);
    },
    attribute: (id, name) => {
      const value = makeOf(id).attributes?.[name];
      if (value === undefined) throw new Error(`The local ${template.Resources[id]?.Type} has no attribute ${name}`);
      return value;
    },
    imported: (name) => {
      if (!exports.has(name)) throw new Error(`No stack exports ${name}`);
      return exports.get(name);
    },
    mapped: (map, first, second) => template.Mappings[map]?.[first]?.[second],
    holds: (condition) => {
      if (!(condition in template.Conditions)) throw new Error(`${stack} has no condition ${condition}`);
      if (asked.has(condition)) throw new Error(`The condition ${condition} depends on itself`);
      asked.add(condition);
      try {
        return conditionHolds(template.Conditions[condition], names, `Conditions.${condition}`);
      } finally {
        asked.delete(condition);
      }
    },
    zones: () => ['a', 'b', 'c'].map((letter) => `${place.region}${letter}`),
  };
  return names;
};
