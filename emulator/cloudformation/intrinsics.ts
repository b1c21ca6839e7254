/** What a template's functions are answered from. Each throws for a name it does not know. */
export interface Names {
  ref(logicalId: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  imported(exportName: string): unknown;
  /** What a mapping has; nothing when it has nothing there. */
  mapped(map: string, first: string, second: string): unknown;
  /** Whether a named condition holds. */
  holds(condition: string): boolean;
  zones(): string[];
}

type Call = (argument: unknown, names: Names, at: string) => unknown;

/** The value as text. Throws for what is neither text, number nor boolean. */
export const text = (value: unknown, where: string): string => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${where} wants text and got ${JSON.stringify(value)}`);
};

/** The value as a list. Throws for what is none. */
export const list = (value: unknown, where: string): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`${where} wants a list and got ${JSON.stringify(value)}`);
};

const attribute = (names: Names, path: string): unknown => {
  const dot = path.indexOf('.');
  return names.attribute(path.slice(0, dot), path.slice(dot + 1));
};

/** `${Name}`, `${Name.Attribute}`, and `${!literal}`; the second argument's variables come first. */
const substitute: Call = (argument, names, at) => {
  const [template, variables] = typeof argument === 'string' ? [argument, {}] : (argument as [string, object]);
  const own = resolve(variables, names, at) as Record<string, unknown>;
  return template.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (name in own) return text(own[name], 'Fn::Sub');
    return text(name.includes('.') ? attribute(names, name) : names.ref(name), 'Fn::Sub');
  });
};

const CALLS: Record<string, Call> = {
  Ref: (id, names) => names.ref(text(id, 'Ref')),
  'Fn::GetAtt': (path, names, at) => {
    const [id, name] = typeof path === 'string' ? [undefined, path] : (path as [string, unknown]);
    return id === undefined
      ? attribute(names, text(name, 'Fn::GetAtt'))
      : names.attribute(id, text(resolve(name, names, at), 'Fn::GetAtt'));
  },
  'Fn::If': (argument, names, at) => {
    const [condition, whenItHolds, otherwise] = list(argument, 'Fn::If');
    return resolve(names.holds(text(condition, 'Fn::If')) ? whenItHolds : otherwise, names, at);
  },
  'Fn::FindInMap': (argument, names, at) => {
    const [map, first, second, ...more] = list(resolve(argument, names, at), 'Fn::FindInMap');
    const found = names.mapped(text(map, 'Fn::FindInMap'), text(first, 'Fn::FindInMap'), text(second, 'Fn::FindInMap'));
    if (found !== undefined) return found;
    const [given] = more as { DefaultValue?: unknown }[];
    if (given?.DefaultValue !== undefined) return given.DefaultValue;
    throw new Error(`Fn::FindInMap finds nothing at ${map}.${first}.${second}`);
  },
  'Fn::Join': (argument, names, at) => {
    const [separator, parts] = list(argument, 'Fn::Join');
    return list(resolve(parts, names, at), 'Fn::Join')
      .map((part) => text(part, 'Fn::Join'))
      .join(text(separator, 'Fn::Join'));
  },
  'Fn::Sub': substitute,
  'Fn::Select': (argument, names, at) => {
    const [index, from] = list(argument, 'Fn::Select');
    const chosen = list(resolve(from, names, at), 'Fn::Select')[Number(resolve(index, names, at))];
    if (chosen === undefined) throw new Error(`Fn::Select finds nothing at ${JSON.stringify(index)}`);
    return chosen;
  },
  'Fn::Split': (argument, names, at) => {
    const [separator, whole] = list(argument, 'Fn::Split');
    return text(resolve(whole, names, at), 'Fn::Split').split(text(separator, 'Fn::Split'));
  },
  'Fn::Base64': (value, names, at) => Buffer.from(text(resolve(value, names, at), 'Fn::Base64')).toString('base64'),
  'Fn::Length': (value, names, at) => list(resolve(value, names, at), 'Fn::Length').length,
  'Fn::ToJsonString': (value, names, at) => JSON.stringify(resolve(value, names, at)),
  'Fn::ImportValue': (name, names, at) => names.imported(text(resolve(name, names, at), 'Fn::ImportValue')),
  'Fn::GetAZs': (_region, names) => names.zones(),
};

/** True for `{ "Ref": … }` and `{ "Fn::…": … }`. */
const callIn = (value: object): [string, unknown] | undefined => {
  const entries = Object.entries(value);
  const [only] = entries;
  return entries.length === 1 && only && (only[0] === 'Ref' || only[0].startsWith('Fn::')) ? only : undefined;
};

/** Something in a template that cannot be resolved; the message begins with where it stands. */
class Unresolved extends Error {
  override name = 'Unresolved';
}

const located = <T>(at: string, work: () => T): T => {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Unresolved || !(cause instanceof Error)) throw cause;
    throw new Unresolved(`${at}: ${cause.message}`, { cause });
  }
};

const called = (name: string, argument: unknown, names: Names, at: string): unknown =>
  located(at, () => {
    const known = CALLS[name];
    if (!known) throw new Error(`The local run does not know the template function ${name}`);
    return known(argument, names, `${at}.${name}`);
  });

/**
 * The value with every function of the template replaced by what it stands for, and without what stands for nothing
 * (`AWS::NoValue`). Throws, with the path below `at` where it stands, for what it does not know.
 */
export const resolve = (value: unknown, names: Names, at: string): unknown => {
  if (Array.isArray(value)) {
    return value.map((one, index) => resolve(one, names, `${at}.${index}`)).filter((one) => one !== undefined);
  }
  if (typeof value === 'string' && value.includes('{{resolve:')) {
    throw new Unresolved(
      `${at}: The local run has no secrets and no parameters of Systems Manager to resolve ${value}`,
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  const call = callIn(value);
  if (call) return called(...call, names, at);
  const entries = Object.entries(value).map(([key, one]) => [key, resolve(one, names, `${at}.${key}`)] as const);
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
};

/** The resources a value speaks of, by their logical ids; pseudo parameters are not among them. */
export const mentionedIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(mentionedIn);
  if (typeof value !== 'object' || value === null) return [];
  const [name, argument] = callIn(value) ?? [];
  if (name === 'Ref') return [String(argument)];
  if (name === 'Fn::GetAtt') return [String(Array.isArray(argument) ? argument[0] : String(argument).split('.')[0])];
  if (name === 'Fn::Sub') {
    const template = Array.isArray(argument) ? String(argument[0]) : String(argument);
    const names = [...template.matchAll(/\$\{([^!}.]+)/g)].map((match) => match[1] ?? '');
    return [...names, ...(Array.isArray(argument) ? mentionedIn(argument[1]) : [])];
  }
  return Object.values(value).flatMap(mentionedIn);
};
