import type * as z from 'zod';
import type { Failure } from '../failure/failure.ts';

/** An argument that the schema does not have: where it stands, its name, and the names that may stand there. */
interface UnknownArgument {
  path: string;
  name: string;
  known: readonly string[];
}

/** The parts of a zod schema that are read here; the wrapper does not import zod, which would be most of its size. */
interface Definition {
  type: string;
  shape?: Record<string, Schema>;
  catchall?: Schema;
  element?: Schema;
  innerType?: Schema;
  valueType?: Schema;
  items?: readonly Schema[];
  options?: readonly Schema[];
  in?: Schema;
  left?: Schema;
  right?: Schema;
  getter?: () => Schema;
}
interface Schema {
  _zod: { def: unknown };
  safeParse(value: unknown): { success: boolean };
}

/** More are not named. */
const MAX_NAMED = 5;
const MAX_NAME_LENGTH = 64;

function definitionOf(schema: Schema): Definition {
  return schema._zod.def as Definition;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function findInObject({ shape = {}, catchall }: Definition, value: unknown, path: string): UnknownArgument[] {
  if (!isObject(value)) return [];
  const isClosed = !catchall || definitionOf(catchall).type === 'never';
  const names = Object.keys(value);
  const known = Object.keys(shape);
  const own = isClosed ? names.filter((name) => !Object.hasOwn(shape, name)).slice(0, MAX_NAMED + 1) : [];
  const nested = known.flatMap((name) => {
    const schema = shape[name];
    return schema && Object.hasOwn(value, name) ? findUnknown(schema, value[name], `${path}${name}.`) : [];
  });
  return [...own.map((name) => ({ path, name, known })), ...nested];
}

function findInItems(schemaOf: (index: number) => Schema | undefined, value: unknown, path: string): UnknownArgument[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown, index) => {
    const schema = typeof item === 'object' ? schemaOf(index) : undefined;
    return schema ? findUnknown(schema, item, `${path}${index}.`) : [];
  });
}

/** What is unknown to every one of the options that accept the value. */
function findInUnion(options: readonly Schema[], value: unknown, path: string): UnknownArgument[] {
  if (typeof value !== 'object') return [];
  const found = options
    .filter((option) => option.safeParse(value).success)
    .map((option) => findUnknown(option, value, path));
  return found.some(({ length }) => length === 0) ? [] : (found[0] ?? []);
}

function findInBoth(left: Schema, right: Schema, value: unknown, path: string): UnknownArgument[] {
  const inRight = findUnknown(right, value, path);
  return findUnknown(left, value, path).filter((one) =>
    inRight.some(({ path: at, name }) => at === one.path && name === one.name),
  );
}

function findUnknown(schema: Schema, value: unknown, path: string): UnknownArgument[] {
  const definition = definitionOf(schema);
  const { element, innerType, valueType, items, options, left, right, getter } = definition;
  if (definition.type === 'object') return findInObject(definition, value, path);
  if (element) return findInItems(() => element, value, path);
  if (items) return findInItems((index) => items[index], value, path);
  if (options) return findInUnion(options, value, path);
  if (left && right) return findInBoth(left, right, value, path);
  if (definition.type === 'record' && valueType && isObject(value)) {
    return Object.entries(value).flatMap(([name, item]) => findUnknown(valueType, item, `${path}${name}.`));
  }
  const inner = innerType ?? definition.in ?? getter?.();
  return inner ? findUnknown(inner, value, path) : [];
}

/** How many letters must change to make one name of the other. */
function distanceBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (let index = 0; index < other.length; index += 1) {
      const replaced = (row[index] ?? 0) + (letter === other[index] ? 0 : 1);
      next.push(Math.min(replaced, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The known name that was probably meant: at most a third of its letters differ. */
function findNearest(name: string, known: readonly string[]): string | undefined {
  return known.find(
    (candidate) => distanceBetween(name.toLowerCase(), candidate.toLowerCase()) <= candidate.length / 3,
  );
}

function describeUnknown({ path, name: fullName, known }: UnknownArgument): string {
  const name = fullName.slice(0, MAX_NAME_LENGTH);
  const nearest = findNearest(name, known);
  const where = path === '' ? '' : ` in ${path.slice(0, -1)}`;
  const names = known.length > 0 ? `it takes ${known.join(', ')}` : 'it takes none';
  return `There is no argument ${name}${where}${nearest ? `, perhaps ${nearest} was meant` : ''}; ${names}`;
}

/**
 * Which arguments the tool does not have, at any depth, and which it has, for the caller. Undefined when all are known.
 */
export function describeUnknownArguments(input: z.ZodObject, args: unknown): string | undefined {
  const unknown = findUnknown(input as unknown as Schema, args, '');
  if (unknown.length === 0) return undefined;
  const more = unknown.length > MAX_NAMED ? ' There are more.' : '';
  return `${unknown.slice(0, MAX_NAMED).map(describeUnknown).join('. ')}.${more}`;
}

/**
 * A call with arguments that the tool does not have. They are not dropped in silence: a limit that the caller set by
 * one would not hold.
 */
export function failureOfUnknownArguments(callerMessage: string): Failure {
  return {
    code: 'INVALID_INPUT',
    fault: 'caller',
    type: 'unknown_argument',
    message: 'Arguments that the tool does not have',
    callerMessage,
    retryable: false,
  };
}
