import { BlockList } from 'node:net';
import * as z from 'zod';

const plain = z.union([z.string(), z.number(), z.boolean(), z.null()]);
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
/** What a filter policy asks of a key: values, or operators. */
export const conditions = z.array(z.union([plain, operator], 'no condition that is known here')).min(1);

export type FilterValue = z.infer<typeof plain>;
export type Condition = z.infer<typeof conditions>[number];

/** Numbers are compared to the fifth digit after the point. */
const rounded = (number: number): number => Math.round(number * 1e5);

const COMPARE: Record<string, (difference: number) => boolean> = {
  '=': (difference) => difference === 0,
  '<': (difference) => difference < 0,
  '<=': (difference) => difference <= 0,
  '>': (difference) => difference > 0,
  '>=': (difference) => difference >= 0,
};

const numericHolds = (numeric: readonly (string | number)[], value: number): boolean => {
  for (let index = 0; index < numeric.length; index += 2) {
    const difference = rounded(value) - rounded(Number(numeric[index + 1]));
    if (!COMPARE[String(numeric[index])]?.(difference)) return false;
  }
  return true;
};

const inNetwork = (cidr: string, address: string): boolean => {
  const [network = '', bits = '32'] = cidr.split('/');
  const family = network.includes(':') ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
};

const same = (wanted: FilterValue, value: FilterValue): boolean =>
  typeof wanted === 'number' && typeof value === 'number' ? rounded(wanted) === rounded(value) : wanted === value;

/** Whether one value is what one condition asks for. */
export const conditionHolds = (condition: Condition, value: FilterValue): boolean => {
  if (typeof condition !== 'object' || condition === null) return same(condition, value);
  if ('exists' in condition) return condition.exists;
  if ('numeric' in condition) return typeof value === 'number' && numericHolds(condition.numeric, value);
  if ('anything-but' in condition) {
    const but = condition['anything-but'];
    if (typeof but !== 'object' || Array.isArray(but)) return ![but].flat().some((one) => same(one, value));
    return typeof value === 'string' && !value.startsWith(but.prefix);
  }
  if (typeof value !== 'string') return false;
  if ('prefix' in condition) return value.startsWith(condition.prefix);
  if ('suffix' in condition) return value.endsWith(condition.suffix);
  if ('cidr' in condition) return inNetwork(condition.cidr, value);
  return value.toLowerCase() === condition['equals-ignore-case'].toLowerCase();
};
