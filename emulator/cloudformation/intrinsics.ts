/** What a template's intrinsic functions read. Each method throws for a name that does not exist. */
export interface TemplateScope {
  ref(logicalId: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  importValue(exportName: string): unknown;
  /** A value of a mapping; undefined when the mapping has no such key. */
  findInMap(map: string, first: string, second: string): unknown;
  /** Whether a named condition holds. */
  conditionHolds(condition: string): boolean;
  availabilityZones(): string[];
}

type IntrinsicFunction = (argument: unknown, scope: TemplateScope, path: string) => unknown;

/** The value as text. Throws unless it is text, a number or a boolean. */
export const toText = (value: unknown, functionName: string): string => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${functionName} needs text and got ${JSON.stringify(value)}`);
};

/** The value as a list. Throws unless it is one. */
export const toList = (value: unknown, functionName: string): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`${functionName} needs a list and got ${JSON.stringify(value)}`);
};

const attributeAt = (scope: TemplateScope, dottedName: string): unknown => {
  const dot = dottedName.indexOf('.');
  return scope.attribute(dottedName.slice(0, dot), dottedName.slice(dot + 1));
};

/** `${Name}`, `${Name.Attribute}` and `${!literal}`; variables of the second argument take precedence. */
const substitute: IntrinsicFunction = (argument, scope, path) => {
  const [template, variables] = typeof argument === 'string' ? [argument, {}] : (argument as [string, object]);
  const own = resolve(variables, scope, path) as Record<string, unknown>;
  return template.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (name in own) return toText(own[name], 'Fn::Sub');
    return toText(name.includes('.') ? attributeAt(scope, name) : scope.ref(name), 'Fn::Sub');
  });
};

const INTRINSIC_FUNCTIONS: Record<string, IntrinsicFunction> = {
  Ref: (id, scope) => scope.ref(toText(id, 'Ref')),
  'Fn::GetAtt': (argument, scope, path) => {
    if (typeof argument === 'string') return attributeAt(scope, argument);
    const [id, name] = argument as [string, unknown];
    return scope.attribute(id, toText(resolve(name, scope, path), 'Fn::GetAtt'));
  },
  'Fn::If': (argument, scope, path) => {
    const [condition, whenTrue, whenFalse] = toList(argument, 'Fn::If');
    return resolve(scope.conditionHolds(toText(condition, 'Fn::If')) ? whenTrue : whenFalse, scope, path);
  },
  'Fn::FindInMap': (argument, scope, path) => {
    const [map, first, second, options] = toList(resolve(argument, scope, path), 'Fn::FindInMap');
    const value = scope.findInMap(
      toText(map, 'Fn::FindInMap'),
      toText(first, 'Fn::FindInMap'),
      toText(second, 'Fn::FindInMap'),
    );
    if (value !== undefined) return value;
    const { DefaultValue } = (options ?? {}) as { DefaultValue?: unknown };
    if (DefaultValue !== undefined) return DefaultValue;
    throw new Error(`Fn::FindInMap finds nothing at ${map}.${first}.${second}`);
  },
  'Fn::Join': (argument, scope, path) => {
    const [separator, parts] = toList(argument, 'Fn::Join');
    return toList(resolve(parts, scope, path), 'Fn::Join')
      .map((part) => toText(part, 'Fn::Join'))
      .join(toText(separator, 'Fn::Join'));
  },
  'Fn::Sub': substitute,
  'Fn::Select': (argument, scope, path) => {
    const [index, values] = toList(argument, 'Fn::Select');
    const selected = toList(resolve(values, scope, path), 'Fn::Select')[Number(resolve(index, scope, path))];
    if (selected === undefined) throw new Error(`Fn::Select finds nothing at ${JSON.stringify(index)}`);
    return selected;
  },
  'Fn::Split': (argument, scope, path) => {
    const [separator, whole] = toList(argument, 'Fn::Split');
    return toText(resolve(whole, scope, path), 'Fn::Split').split(toText(separator, 'Fn::Split'));
  },
  'Fn::Base64': (value, scope, path) =>
    Buffer.from(toText(resolve(value, scope, path), 'Fn::Base64')).toString('base64'),
  'Fn::Length': (value, scope, path) => toList(resolve(value, scope, path), 'Fn::Length').length,
  'Fn::ToJsonString': (value, scope, path) => JSON.stringify(resolve(value, scope, path)),
  'Fn::ImportValue': (name, scope, path) => scope.importValue(toText(resolve(name, scope, path), 'Fn::ImportValue')),
  'Fn::GetAZs': (_region, scope) => scope.availabilityZones(),
};

/** The name and argument of `{ "Ref": … }` or `{ "Fn::…": … }`; undefined for any other object. */
const functionCallIn = (value: object): [string, unknown] | undefined => {
  const entries = Object.entries(value);
  const [entry] = entries;
  if (entries.length !== 1 || !entry) return undefined;
  return entry[0] === 'Ref' || entry[0].startsWith('Fn::') ? entry : undefined;
};

/** A value of the template that cannot be resolved; the message begins with its path. */
class UnresolvedValue extends Error {
  override name = 'UnresolvedValue';
}

const callFunction = (name: string, argument: unknown, scope: TemplateScope, path: string): unknown => {
  try {
    const intrinsic = INTRINSIC_FUNCTIONS[name];
    if (!intrinsic) throw new Error(`The emulator does not support the template function ${name}`);
    return intrinsic(argument, scope, `${path}.${name}`);
  } catch (cause) {
    if (cause instanceof UnresolvedValue || !(cause instanceof Error)) throw cause;
    throw new UnresolvedValue(`${path}: ${cause.message}`, { cause });
  }
};

/**
 * The value with every intrinsic function replaced by its result, and without anything that resolves to `AWS::NoValue`.
 * Throws, with the path below `path`, for a function it does not support or cannot resolve.
 */
export const resolve = (value: unknown, scope: TemplateScope, path: string): unknown => {
  if (Array.isArray(value)) {
    const items = value.map((item, index) => resolve(item, scope, `${path}.${index}`));
    return items.filter((item) => item !== undefined);
  }
  if (typeof value === 'string' && value.includes('{{resolve:')) {
    throw new UnresolvedValue(
      `${path}: The emulator has no secrets and no Systems Manager parameters to resolve ${value}`,
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  const call = functionCallIn(value);
  if (call) return callFunction(...call, scope, path);
  const entries = Object.entries(value).map(([key, item]) => [key, resolve(item, scope, `${path}.${key}`)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
};

const referencesInSub = (argument: unknown): string[] => {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const names = [...String(template).matchAll(/\$\{([^!}.]+)/g)].map((match) => match[1] ?? '');
  return [...names, ...referencesIn(variables)];
};

/** The logical ids of the resources and parameters that a value refers to, and the names of pseudo parameters. */
export const referencesIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  const [name, argument] = functionCallIn(value) ?? [];
  if (name === 'Ref') return [String(argument)];
  if (name === 'Fn::GetAtt') return [String(Array.isArray(argument) ? argument[0] : String(argument).split('.')[0])];
  if (name === 'Fn::Sub') return referencesInSub(argument);
  return Object.values(value).flatMap(referencesIn);
};

/** The names of the exports that a value imports by a name that is text. */
export const importsIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(importsIn);
  if (typeof value !== 'object' || value === null) return [];
  const [name, argument] = functionCallIn(value) ?? [];
  if (name === 'Fn::ImportValue') return typeof argument === 'string' ? [argument] : [];
  return Object.values(value).flatMap(importsIn);
};
