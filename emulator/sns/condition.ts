import { BlockList } from 'node:net';
import * as z from 'zod';

const filterValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const oneOrMore = <T extends z.ZodType>(value: T) => z.union([value, z.array(value).min(1)]);
const below = z.enum(['<', '<=']);
const above = z.enum(['>', '>=']);

const operator = z.union([
  z.strictObject({ prefix: z.string() }),
  z.strictObject({ suffix: z.string() }),
  z.strictObject({ 'equals-ignore-case': z.string() }),
  z.strictObject({ cidr: z.string() }),
  z.strictObject({ exists: z.boolean() }),
  z.strictObject({
    numeric: z.union([
      z.tuple([z.literal('='), z.number()]),
      z.tuple([z.union([below, above]), z.number()]),
      z.tuple([above, z.number(), below, z.number()]),
    ]),
  }),
  z.strictObject({
    'anything-but': z.union([oneOrMore(z.union([z.string(), z.number()])), z.strictObject({ prefix: z.string() })]),
  }),
]);

/** The conditions that a filter policy sets for a key: values or operators, of which one must hold. */
export const conditions = z
  .array(z.union([filterValue, operator], 'the emulator does not support this condition'))
  .min(1);

export type FilterValue = z.infer<typeof filterValue>;
export type Condition = z.infer<typeof conditions>[number];
type Operator = z.infer<typeof operator>;

/** Numbers are compared to five digits after the decimal point. */
const roundToFiveDigits = (number: number): number => Math.round(number * 1e5);

const COMPARISONS: Record<string, (difference: number) => boolean> = {
  '=': (difference) => difference === 0,
  '<': (difference) => difference < 0,
  '<=': (difference) => difference <= 0,
  '>': (difference) => difference > 0,
  '>=': (difference) => difference >= 0,
};

/** Evaluates pairs of an operator and a number, all of which must hold: `['>', 0, '<=', 150]`. */
const numericHolds = (comparisons: readonly (string | number)[], value: number): boolean => {
  for (let index = 0; index < comparisons.length; index += 2) {
    const difference = roundToFiveDigits(value) - roundToFiveDigits(Number(comparisons[index + 1]));
    if (!COMPARISONS[String(comparisons[index])]?.(difference)) return false;
  }
  return true;
};

const isInNetwork = (cidr: string, address: string): boolean => {
  const [network = '', bits = '32'] = cidr.split('/');
  const family = network.includes(':') ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
};

const isEqual = (expected: FilterValue, value: FilterValue): boolean =>
  typeof expected === 'number' && typeof value === 'number'
    ? roundToFiveDigits(expected) === roundToFiveDigits(value)
    : expected === value;

const anythingButHolds = (
  excluded: Extract<Operator, { 'anything-but': unknown }>['anything-but'],
  value: FilterValue,
): boolean => {
  if (typeof excluded !== 'object' || Array.isArray(excluded)) {
    return ![excluded].flat().some((other) => isEqual(other, value));
  }
  return typeof value === 'string' && !value.startsWith(excluded.prefix);
};

/** Whether a value meets a condition. */
export const conditionHolds = (condition: Condition, value: FilterValue): boolean => {
  if (typeof condition !== 'object' || condition === null) return isEqual(condition, value);
  if ('exists' in condition) return condition.exists;
  if ('numeric' in condition) return typeof value === 'number' && numericHolds(condition.numeric, value);
  if ('anything-but' in condition) return anythingButHolds(condition['anything-but'], value);
  if (typeof value !== 'string') return false;
  if ('prefix' in condition) return value.startsWith(condition.prefix);
  if ('suffix' in condition) return value.endsWith(condition.suffix);
  if ('cidr' in condition) return isInNetwork(condition.cidr, value);
  return value.toLowerCase() === condition['equals-ignore-case'].toLowerCase();
};
