import * as z from 'zod';

type Scalar = string | number | boolean | null;

/** How one value may match: exactly, or as a filter says. */
type Matcher =
  | { readonly equals: Scalar }
  | { readonly prefix: string }
  | { readonly suffix: string }
  | { readonly exists: boolean }
  | { readonly anythingBut: readonly Scalar[] };

/** What a value of an event must match, by its path: one of the matchers of each path. */
export interface EventPattern {
  readonly paths: readonly { readonly path: readonly string[]; readonly matchers: readonly Matcher[] }[];
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const filter = z.union([
  z.strictObject({ prefix: z.string().min(1) }),
  z.strictObject({ suffix: z.string().min(1) }),
  z.strictObject({ exists: z.boolean() }),
  z.strictObject({ 'anything-but': z.union([scalar, z.array(scalar).min(1)]) }),
]);

const readMatcher = (value: unknown, at: string): Matcher => {
  const plain = scalar.safeParse(value);
  if (plain.success) return { equals: plain.data };
  const parsed = filter.safeParse(value);
  if (!parsed.success) throw new Error(`the emulator does not support the filter ${JSON.stringify(value)} of ${at}`);
  if ('anything-but' in parsed.data) return { anythingBut: [parsed.data['anything-but']].flat() };
  return parsed.data;
};

const readPaths = (value: unknown, path: readonly string[]): EventPattern['paths'] => {
  const at = path.join('.') || 'the pattern';
  if (Array.isArray(value)) {
    if (value.length === 0) throw new Error(`Event pattern is not valid: ${at} has an empty list`);
    return [{ path, matchers: value.map((each) => readMatcher(each, at)) }];
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    throw new Error(`Event pattern is not valid: ${at} must be an object or a list`);
  }
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name.startsWith('$')) throw new Error(`the emulator does not support ${name} in event patterns`);
    return readPaths(inner, [...path, name]);
  });
};

/** Reads the pattern of a rule. Throws for one that EventBridge refuses, or that is not supported here. */
export const readPattern = (pattern: unknown): EventPattern => ({ paths: readPaths(pattern, []) });

/** All values at a path; a list stands for each of its elements. */
const valuesAt = (value: unknown, [name, ...rest]: readonly string[]): unknown[] => {
  if (Array.isArray(value))
    return value.flatMap((element) => valuesAt(element, name === undefined ? [] : [name, ...rest]));
  if (name === undefined) return [value];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return [];
  return valuesAt((value as Record<string, unknown>)[name], rest);
};

const matchesOne = (matcher: Matcher, values: readonly unknown[]): boolean => {
  if ('exists' in matcher) return values.length > 0 === matcher.exists;
  return values.some((value) => {
    if ('equals' in matcher) return value === matcher.equals;
    if ('anythingBut' in matcher) return !matcher.anythingBut.includes(value as Scalar);
    if (typeof value !== 'string') return false;
    return 'prefix' in matcher ? value.startsWith(matcher.prefix) : value.endsWith(matcher.suffix);
  });
};

/** Whether an event matches: each path of the pattern must, by one of its matchers. */
export const matchesPattern = ({ paths }: EventPattern, event: unknown): boolean =>
  paths.every(({ path, matchers }) => {
    const values = valuesAt(event, path);
    return matchers.some((matcher) => matchesOne(matcher, values));
  });
