import * as z from 'zod';
import { type Condition, conditionHolds, conditions, type FilterValue } from './condition.ts';

/**
 * SNS filter policies, documented under "Amazon SNS subscription filter policies": a message is taken when every key of the
 * policy finds in it a value it asks for. What is not written here is refused at the start, never ignored.
 */

/** What a message says under a key: values, one or several, or more keys. Nothing when it lacks the key. */
type Said = FilterValue | Said[] | { [key: string]: Said } | undefined;

/** True when what a message says is taken. */
export type PolicyMatch = (said: { [key: string]: Said }) => boolean;

const isAbsence = (condition: Condition): boolean =>
  typeof condition === 'object' && condition !== null && 'exists' in condition && !condition.exists;

const leaves = (said: Said): FilterValue[] => {
  if (Array.isArray(said)) return said.flatMap(leaves);
  return said === undefined || (typeof said === 'object' && said !== null) ? [] : [said];
};

/** Of several values one is enough, for one of the conditions. */
const anyHolds = (asked: readonly Condition[], said: Said): boolean =>
  said === undefined
    ? asked.some(isAbsence)
    : leaves(said).some((value) => asked.some((condition) => conditionHolds(condition, value)));

/** Words that make a key of `$or` an operator, and so the whole no `$or` but a name like any other. */
const RESERVED = ['exists', 'prefix', 'suffix', 'numeric', 'anything-but', 'equals-ignore-case', 'cidr', 'wildcard'];

const isAlternatives = (key: string, asked: unknown): asked is Record<string, unknown>[] =>
  key === '$or' &&
  Array.isArray(asked) &&
  asked.length >= 2 &&
  asked.every(
    (one) => typeof one === 'object' && one !== null && !Object.keys(one).some((name) => RESERVED.includes(name)),
  );

const MOST_KEYS = 5;
const MOST_COMBINATIONS = 150;

interface Policy {
  taken: PolicyMatch;
  keys: number;
  /** Values of a key times the levels it lies deep, times those of the other keys. */
  combinations: number;
}

const parse = (policy: Record<string, unknown>, depth: number, mayNest: boolean): Policy => {
  const parts = Object.entries(policy).map(([key, asked]): Policy => {
    if (isAlternatives(key, asked)) {
      const ways = asked.map((one) => parse(one, depth, mayNest));
      return {
        taken: (said) => ways.some(({ taken }) => taken(said)),
        keys: ways.reduce((sum, { keys }) => sum + keys, 0),
        combinations: ways.reduce((sum, { combinations }) => sum + combinations, 0),
      };
    }
    if (typeof asked === 'object' && asked !== null && !Array.isArray(asked)) {
      if (!mayNest) throw new Error(`only a policy on the body may nest, and ${key} does`);
      const inner = parse(asked as Record<string, unknown>, depth + 1, mayNest);
      const takes = (said: Said): boolean => {
        if (Array.isArray(said)) return said.some(takes);
        return inner.taken(typeof said === 'object' && said !== null ? said : {});
      };
      return { ...inner, taken: (said) => takes(said[key]) };
    }
    const parsed = conditions.safeParse(asked);
    if (!parsed.success) throw new Error(`the filter policy's ${key}: ${z.prettifyError(parsed.error)}`);
    return { taken: (said) => anyHolds(parsed.data, said[key]), keys: 1, combinations: parsed.data.length * depth };
  });
  return {
    taken: (said) => parts.every(({ taken }) => taken(said)),
    keys: parts.reduce((sum, { keys }) => sum + keys, 0),
    combinations: parts.reduce((product, { combinations }) => product * combinations, 1),
  };
};

/** What a policy takes. Throws for one that SNS would refuse, or that is not known here; only one on the body may nest. */
export const parseFilterPolicy = (
  policy: Record<string, unknown>,
  scope: 'MessageAttributes' | 'MessageBody',
): PolicyMatch => {
  const { taken, keys, combinations } = parse(policy, 1, scope === 'MessageBody');
  if (keys > MOST_KEYS) throw new Error(`a filter policy has at most ${MOST_KEYS} keys, and this one ${keys}`);
  if (combinations > MOST_COMBINATIONS) {
    throw new Error(`a filter policy has at most ${MOST_COMBINATIONS} combinations, and this one ${combinations}`);
  }
  return taken;
};
