import * as z from 'zod';
import { mentionedIn, resolve } from './intrinsics.ts';
import type { Place } from './place.ts';
import { namesOf } from './stack-names.ts';
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
  /** How a later deployment would change it. */
  updatePolicy?: unknown;
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

/** Every resource type of the stacks that no rule knows, and where it stands. */
export const unknownTypes = (stacks: readonly Stack[], rules: Readonly<Record<string, Rule>>): string[] =>
  allStacks(stacks).flatMap(({ name, template }) =>
    Object.entries(template.Resources)
      .filter(([, { Type }]) => !(Type in rules) && Type !== NESTED_STACK)
      .map(([logicalId, { Type }]) => `${Type} (${name}/${logicalId})`),
  );

const dependenciesOf = ({ Properties, UpdatePolicy, DependsOn = [] }: Resource): string[] => [
  ...mentionedIn(Properties),
  ...mentionedIn(UpdatePolicy),
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
  for (const { name, template } of allStacks(stacks)) {
    const transforms = [template.Transform ?? []].flat().filter((one) => one !== 'AWS::LanguageExtensions');
    if (transforms.length > 0) throw new Error(`The local run does not know the transform ${transforms} of ${name}`);
  }
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
  const names = namesOf({ name: stack, template }, { place, parameters, exports, made });
  const isThere = ({ Condition }: { Condition?: string | undefined }) =>
    Condition === undefined || names.holds(Condition);
  const order = inOrder(new Map(Object.entries(template.Resources).map(([id, one]) => [id, dependenciesOf(one)])));
  for (const logicalId of order) {
    const { Type, Properties, UpdatePolicy, Condition } = template.Resources[logicalId] as Resource;
    try {
      if (!isThere({ Condition })) continue;
      const properties = resolve(Properties, names, 'Properties');
      const updatePolicy = resolve(UpdatePolicy, names, 'UpdatePolicy');
      const within = nested[logicalId];
      const one = within
        ? await deployNested(within, properties, surroundings)
        : await (rules[Type] as Rule)({ stack, logicalId, properties, updatePolicy });
      made.set(logicalId, one);
    } catch (cause) {
      throw new Error(`${Type} ${stack}/${logicalId}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
  }
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
