import * as z from 'zod';
import { type Condition, conditionHolds, conditions, type FilterValue } from './condition.ts';

/**
 * SNS filter policies, documented under "Amazon SNS subscription filter policies": a policy matches a message in which
 * every key of the policy has a value that meets one of the key's conditions. A policy that the emulator cannot
 * evaluate is refused when the subscription is created.
 */

/** A message's value of a key: one value, several, or an object with more keys. Undefined without the key. */
type MessageValue = FilterValue | MessageValue[] | MessageValues | undefined;

/** The values that a policy is matched with: a message's attributes, or its body. */
export interface MessageValues {
  [key: string]: MessageValue;
}

/** True when a policy matches a message. */
export type PolicyMatcher = (message: MessageValues) => boolean;

const requiresAbsence = (condition: Condition): boolean =>
  typeof condition === 'object' && condition !== null && 'exists' in condition && !condition.exists;

const leavesOf = (value: MessageValue): FilterValue[] => {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return value === undefined || (typeof value === 'object' && value !== null) ? [] : [value];
};

/** Of several values it is enough that one meets one of the conditions. */
const anyConditionHolds = (keyConditions: readonly Condition[], value: MessageValue): boolean => {
  if (value === undefined) return keyConditions.some(requiresAbsence);
  return leavesOf(value).some((leaf) => keyConditions.some((condition) => conditionHolds(condition, leaf)));
};

/** With one of these keys in its policies, `$or` is not an operator but the name of a key. */
const OPERATORS = ['exists', 'prefix', 'suffix', 'numeric', 'anything-but', 'equals-ignore-case', 'cidr', 'wildcard'];

type PolicyJson = Record<string, unknown>;

const isPolicy = (json: unknown): json is PolicyJson => typeof json === 'object' && json !== null;

const isAlternatives = (key: string, json: unknown): json is PolicyJson[] =>
  key === '$or' &&
  Array.isArray(json) &&
  json.length >= 2 &&
  json.every((policy) => isPolicy(policy) && !Object.keys(policy).some((name) => OPERATORS.includes(name)));

const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;

interface ParsedPolicy {
  matches: PolicyMatcher;
  keys: number;
  /** For each key the number of its conditions times its depth; multiplied over all keys. */
  combinations: number;
}

const parseAlternatives = (policies: readonly PolicyJson[], depth: number, mayNest: boolean): ParsedPolicy => {
  const alternatives = policies.map((policy) => parsePolicy(policy, depth, mayNest));
  return {
    matches: (message) => alternatives.some(({ matches }) => matches(message)),
    keys: alternatives.reduce((sum, { keys }) => sum + keys, 0),
    combinations: alternatives.reduce((sum, { combinations }) => sum + combinations, 0),
  };
};

const parseNested = (key: string, policy: PolicyJson, depth: number, mayNest: boolean): ParsedPolicy => {
  if (!mayNest) throw new Error(`Only a filter policy for message bodies may nest keys, and ${key} does`);
  const inner = parsePolicy(policy, depth + 1, mayNest);
  const matchesValue = (value: MessageValue): boolean => {
    if (Array.isArray(value)) return value.some(matchesValue);
    return inner.matches(typeof value === 'object' && value !== null ? value : {});
  };
  return { ...inner, matches: (message) => matchesValue(message[key]) };
};

const parseConditions = (key: string, json: unknown, depth: number): ParsedPolicy => {
  const parsed = conditions.safeParse(json);
  if (!parsed.success) throw new Error(`The filter policy's key ${key}: ${z.prettifyError(parsed.error)}`);
  return {
    matches: (message) => anyConditionHolds(parsed.data, message[key]),
    keys: 1,
    combinations: parsed.data.length * depth,
  };
};

const parsePolicy = (policy: PolicyJson, depth: number, mayNest: boolean): ParsedPolicy => {
  const parts = Object.entries(policy).map(([key, json]) => {
    if (isAlternatives(key, json)) return parseAlternatives(json, depth, mayNest);
    if (isPolicy(json) && !Array.isArray(json)) return parseNested(key, json, depth, mayNest);
    return parseConditions(key, json, depth);
  });
  return {
    matches: (message) => parts.every(({ matches }) => matches(message)),
    keys: parts.reduce((sum, { keys }) => sum + keys, 0),
    combinations: parts.reduce((product, { combinations }) => product * combinations, 1),
  };
};

/** Parses a policy. Throws for one that SNS would reject or that the emulator does not support. */
export const parseFilterPolicy = (policy: PolicyJson, scope: 'MessageAttributes' | 'MessageBody'): PolicyMatcher => {
  const { matches, keys, combinations } = parsePolicy(policy, 1, scope === 'MessageBody');
  if (keys > MAX_KEYS) throw new Error(`A filter policy has at most ${MAX_KEYS} keys, not ${keys}`);
  if (combinations > MAX_COMBINATIONS) {
    throw new Error(`A filter policy has at most ${MAX_COMBINATIONS} combinations, not ${combinations}`);
  }
  return matches;
};
