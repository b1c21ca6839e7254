import { countDropped } from '../line/stdout.ts';
import { toPlainText } from '../privacy/redact.ts';
import type { Scope } from './scope.ts';

/** What the calls of one outside service came to within one call. */
export interface DependencyTally {
  calls: number;
  failed: number;
  ms: number;
}

/** More names than this within one call are a mistake, and the line must stay small. */
const NAMES_LIMIT = 32;
const NAME_LENGTH = 64;

const toMicroseconds = (ms: number): number => Math.round(ms * 1_000) / 1_000;
const nameOf = (name: string): string => toPlainText(name, NAME_LENGTH);

/** Adds to a business figure of the call. What is no number, or one name too many, is left out and counted as lost. */
export const addMeasure = (scope: Scope, name: string, value: number, unit?: string): void => {
  if (scope.hasOutcome) return;
  scope.measures ??= new Map();
  const key = nameOf(name);
  if (!Number.isFinite(value) || key === '' || (!scope.measures.has(key) && scope.measures.size >= NAMES_LIMIT)) {
    countDropped();
    return;
  }
  scope.measures.set(key, (scope.measures.get(key) ?? 0) + value);
  if (!unit) return;
  scope.units ??= new Map();
  scope.units.set(key, toPlainText(unit, NAME_LENGTH));
};

/** Adds to what the call cost, in US dollars. What is no amount is left out and counted as lost. */
export const addCost = (scope: Scope, usd: number): void => {
  if (scope.hasOutcome) return;
  if (Number.isFinite(usd) && usd >= 0) scope.costUsd = (scope.costUsd ?? 0) + usd;
  else countDropped();
};

const tallyOf = (scope: Scope, name: string): DependencyTally => {
  scope.dependencies ??= new Map();
  const key = nameOf(name);
  const tally = scope.dependencies.get(key) ?? { calls: 0, failed: 0, ms: 0 };
  if (scope.dependencies.size < NAMES_LIMIT) scope.dependencies.set(key, tally);
  return tally;
};

/** Runs `work` and tells its time and outcome as the outside service's. */
export const timeDependency = async <Result>(
  scope: Scope,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> => {
  const tally = tallyOf(scope, name);
  const began = performance.now();
  scope.pendingDependencies += 1;
  tally.calls += 1;
  tally.failed += 1;
  try {
    const result = await work();
    tally.failed -= 1;
    return result;
  } finally {
    scope.pendingDependencies -= 1;
    tally.ms = toMicroseconds(tally.ms + performance.now() - began);
  }
};

/** What only a cold start has to tell: how long the environment took to be ready, and what it is. */
const aboutColdStart = (scope: Scope): Record<string, unknown> => ({
  init_ms: toMicroseconds(scope.monotonicStartMs),
  ...(scope.lambda.memoryLimitInMB !== undefined && { memory_mb: Number(scope.lambda.memoryLimitInMB) }),
  ...(scope.lambda.functionVersion !== undefined && { function_version: scope.lambda.functionVersion }),
  node: process.version,
});

/** Everything gathered that has no field of its own; undefined when there is nothing. */
export const metadataOf = (scope: Scope): Record<string, unknown> | undefined => {
  const { dependencies, units, extraMetadata: notes, coldStart } = scope;
  if (!dependencies && !units && !notes && !coldStart) return undefined;
  return {
    ...notes,
    ...(coldStart && aboutColdStart(scope)),
    ...(dependencies && { dependencies: Object.fromEntries(dependencies) }),
    ...(units && { units: Object.fromEntries(units) }),
  };
};
