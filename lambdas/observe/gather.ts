import type { Scope } from './scope.ts';

/** What the calls of one outside service came to within one call. */
export interface DependencyTally {
  calls: number;
  failed: number;
  ms: number;
}

const toMicroseconds = (ms: number): number => Math.round(ms * 1_000) / 1_000;

/** Adds to a business figure of the call. What is no number is left out. */
export const addMeasure = (scope: Scope, name: string, value: number, unit?: string): void => {
  if (!Number.isFinite(value)) return;
  scope.measures ??= new Map();
  scope.measures.set(name, (scope.measures.get(name) ?? 0) + value);
  if (!unit) return;
  scope.units ??= new Map();
  scope.units.set(name, unit);
};

/** Adds to what the call cost, in US dollars. */
export const addCost = (scope: Scope, usd: number): void => {
  if (Number.isFinite(usd) && usd >= 0) scope.costUsd = (scope.costUsd ?? 0) + usd;
};

/** Runs `work` and tells its time and outcome as the outside service's. */
export const timeDependency = async <Result>(
  scope: Scope,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> => {
  scope.dependencies ??= new Map();
  const tally = scope.dependencies.get(name) ?? { calls: 0, failed: 0, ms: 0 };
  scope.dependencies.set(name, tally);
  const began = performance.now();
  scope.pending += 1;
  tally.calls += 1;
  tally.failed += 1;
  try {
    const result = await work();
    tally.failed -= 1;
    return result;
  } finally {
    scope.pending -= 1;
    tally.ms = toMicroseconds(tally.ms + performance.now() - began);
  }
};

/** Everything gathered that has no field of its own; undefined when there is nothing. */
export const metadataOf = ({ dependencies, units }: Scope): Record<string, unknown> | undefined => {
  if (!dependencies && !units) return undefined;
  return {
    ...(dependencies && { dependencies: Object.fromEntries(dependencies) }),
    ...(units && { units: Object.fromEntries(units) }),
  };
};
