import * as z from 'zod';
import { mentionedIn, type Names, resolve } from './intrinsics.ts';
import type { Place } from './place.ts';
import { allStacks, inOrder, NESTED_STACK, type Resource, type Stack } from './template.ts';

/** What a resource is known by once it is there. */
export interface Made {
  /** What `Ref` gives. */
  ref: string;
  /** What `Fn::GetAtt` gives, by name. */
  attributes?: Record<string, string>;
}

/** A resource as a rule meets it: its functions resolved. */
export interface Declared {
  stack: string;
  logicalId: string;
  properties: unknown;
}

/** Gives a resource of one type its local meaning. */
export type Rule = (declared: Declared) => Made | Promise<Made>;

/** A rule whose properties are read by a schema first. */
export const rule =
  <Schema extends z.ZodType>(
    schema: Schema,
    make: (properties: z.output<Schema>, declared: Declared) => Made | Promise<Made>,
  ): Rule =>
  (declared) => {
    const parsed = schema.safeParse(declared.properties);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    return make(parsed.data, declared);
  };

/** A physical name for what the template leaves unnamed, as CloudFormation would make one. */
export const nameOf = ({ stack, logicalId }: Declared): string => `${stack}-${logicalId}`;

const pseudo = ({ account, region, partition }: Place, stack: string): Record<string, string> => ({
  'AWS::AccountId': account,
  'AWS::Region': region,
  'AWS::Partition': partition,
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': stack,
  'AWS::StackId': `arn:${partition}:cloudformation:${region}:${account}:stack/${stack}/local`,
});

/** Every resource type of the stacks that no rule knows, and where it stands. */
export const unknownTypes = (stacks: readonly Stack[], rules: Readonly<Record<string, Rule>>): string[] =>
  allStacks(stacks).flatMap(({ name, template }) =>
    Object.entries(template.Resources)
      .filter(([, { Type }]) => !(Type in rules) && Type !== NESTED_STACK)
      .map(([logicalId, { Type }]) => `${Type} (${name}/${logicalId})`),
  );

const dependenciesOf = ({ Properties, DependsOn = [] }: Resource): string[] => [
  ...mentionedIn(Properties),
  ...(typeof DependsOn === 'string' ? [DependsOn] : DependsOn),
];

/**
 * Makes every resource of the stacks, each after what it speaks of, and gives the stacks' outputs by stack and name.
 * Throws, naming the resource, when a type has no rule or a rule refuses.
 */
export const deploy = async (
  stacks: readonly Stack[],
  rules: Readonly<Record<string, Rule>>,
  place: Place,
): Promise<Record<string, Record<string, string>>> => {
  const unknown = unknownTypes(stacks, rules);
  if (unknown.length > 0) throw new Error(`The local run has no rule for ${unknown.join(', ')}`);
  const exports = new Map<string, unknown>();
  const outputs: Record<string, Record<string, string>> = {};
  for (const stack of stacks) outputs[stack.name] = await deployStack(stack, {}, { rules, place, exports });
  return outputs;
};

interface Surroundings {
  rules: Readonly<Record<string, Rule>>;
  place: Place;
  exports: Map<string, unknown>;
}

const nestedProperties = z.object({ Parameters: z.record(z.string(), z.string()).default({}) });

/** A stack in a stack: it is given parameters, and its outputs are its attributes. */
const deployNested = async (stack: Stack, properties: unknown, surroundings: Surroundings): Promise<Made> => {
  const outputs = await deployStack(stack, nestedProperties.parse(properties).Parameters, surroundings);
  const attributes = Object.entries(outputs).map(([name, value]) => [`Outputs.${name}`, value]);
  return { ref: stack.name, attributes: Object.fromEntries(attributes) };
};

const deployStack = async (
  { name: stack, template, nested = {} }: Stack,
  parameters: Readonly<Record<string, string>>,
  surroundings: Surroundings,
): Promise<Record<string, string>> => {
  const { rules, place, exports } = surroundings;
  const made = new Map<string, Made>();
  const own = pseudo(place, stack);
  const makeOf = (logicalId: string): Made => {
    const known = made.get(logicalId);
    if (!known) throw new Error(`${stack} has no resource ${logicalId}`);
    return known;
  };
  const names: Names = {
    ref: (id) =>
      id === 'AWS::NoValue'
        ? undefined
        : (own[id] ?? parameters[id] ?? template.Parameters[id]?.Default ?? makeOf(id).ref),
    attribute: (id, name) => {
      const value = makeOf(id).attributes?.[name];
      if (value === undefined) throw new Error(`The local ${template.Resources[id]?.Type} has no attribute ${name}`);
      return value;
    },
    imported: (name) => {
      if (!exports.has(name)) throw new Error(`No stack exports ${name}`);
      return exports.get(name);
    },
    zones: () => ['a', 'b', 'c'].map((letter) => `${place.region}${letter}`),
  };
  const order = inOrder(new Map(Object.entries(template.Resources).map(([id, one]) => [id, dependenciesOf(one)])));
  for (const logicalId of order) {
    const { Type, Properties } = template.Resources[logicalId] as Resource;
    try {
      const properties = resolve(Properties, names);
      const within = nested[logicalId];
      const one = within
        ? await deployNested(within, properties, surroundings)
        : await (rules[Type] as Rule)({ stack, logicalId, properties });
      made.set(logicalId, one);
    } catch (cause) {
      throw new Error(`${Type} ${stack}/${logicalId}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
  }
  return Object.fromEntries(
    Object.entries(template.Outputs).map(([name, { Value, Export }]) => {
      const value = resolve(Value, names);
      if (Export) exports.set(String(resolve(Export.Name, names)), value);
      return [name, String(value)];
    }),
  );
};
