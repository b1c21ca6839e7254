/** What a template's functions are answered from. Each throws for a name it does not know. */
export interface Names {
  ref(logicalId: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  imported(exportName: string): unknown;
  zones(): string[];
}

type Call = (argument: unknown, names: Names) => unknown;

const text = (value: unknown, where: string): string => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${where} wants text and got ${JSON.stringify(value)}`);
};

const list = (value: unknown, where: string): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`${where} wants a list and got ${JSON.stringify(value)}`);
};

const attribute = (names: Names, path: string): unknown => {
  const dot = path.indexOf('.');
  return names.attribute(path.slice(0, dot), path.slice(dot + 1));
};

/** `${Name}`, `${Name.Attribute}`, and `${!literal}`; the second argument's variables come first. */
const substitute: Call = (argument, names) => {
  const [template, variables] = typeof argument === 'string' ? [argument, {}] : (argument as [string, object]);
  const own = resolve(variables, names) as Record<string, unknown>;
  return template.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (name in own) return text(own[name], 'Fn::Sub');
    return text(name.includes('.') ? attribute(names, name) : names.ref(name), 'Fn::Sub');
  });
};

const CALLS: Record<string, Call> = {
  Ref: (id, names) => names.ref(text(id, 'Ref')),
  'Fn::GetAtt': (path, names) => {
    const [id, name] = typeof path === 'string' ? [undefined, path] : (path as [string, unknown]);
    return id === undefined
      ? attribute(names, text(name, 'Fn::GetAtt'))
      : names.attribute(id, text(resolve(name, names), 'Fn::GetAtt'));
  },
  'Fn::Join': (argument, names) => {
    const [separator, parts] = list(argument, 'Fn::Join');
    return list(resolve(parts, names), 'Fn::Join')
      .map((part) => text(part, 'Fn::Join'))
      .join(text(separator, 'Fn::Join'));
  },
  'Fn::Sub': substitute,
  'Fn::Select': (argument, names) => {
    const [index, from] = list(argument, 'Fn::Select');
    const chosen = list(resolve(from, names), 'Fn::Select')[Number(resolve(index, names))];
    if (chosen === undefined) throw new Error(`Fn::Select finds nothing at ${JSON.stringify(index)}`);
    return chosen;
  },
  'Fn::Split': (argument, names) => {
    const [separator, whole] = list(argument, 'Fn::Split');
    return text(resolve(whole, names), 'Fn::Split').split(text(separator, 'Fn::Split'));
  },
  'Fn::ImportValue': (name, names) => names.imported(text(resolve(name, names), 'Fn::ImportValue')),
  'Fn::GetAZs': (_region, names) => names.zones(),
};

/** True for `{ "Ref": … }` and `{ "Fn::…": … }`. */
const callIn = (value: object): [string, unknown] | undefined => {
  const entries = Object.entries(value);
  const [only] = entries;
  return entries.length === 1 && only && (only[0] === 'Ref' || only[0].startsWith('Fn::')) ? only : undefined;
};

/** The value with every function of the template replaced by what it stands for. Throws, by name, for one it does not know. */
export const resolve = (value: unknown, names: Names): unknown => {
  if (Array.isArray(value)) {
    return value.map((one) => resolve(one, names)).filter((one) => one !== undefined);
  }
  if (typeof value !== 'object' || value === null) return value;
  const call = callIn(value);
  if (call) {
    const [name, argument] = call;
    const known = CALLS[name];
    if (!known) throw new Error(`The local run does not know the template function ${name}`);
    return known(argument, names);
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one, names)]));
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
