import { isCost, isMeasure, MEASURES_LIMIT } from '../../contract/limits.ts';
import { toPlainId } from '../line/caller-text.ts';
import { fitKey } from '../line/fit-text.ts';
import { countDropped } from '../line/stdout.ts';
import { redactText, toPlainText } from '../privacy/redact.ts';
import type { DependencyTally, Scope } from './scope.ts';

/** More dependencies than this in one call are a mistake, and the line must stay small. */
const MAX_DEPENDENCIES = 32;
const MAX_NAME_LENGTH = 64;

const toMicroseconds = (ms: number): number => Math.round(ms * 1_000) / 1_000;
/** Callers in JavaScript may pass anything. */
const toName = (text: unknown): string => (typeof text === 'string' && toPlainText(text, MAX_NAME_LENGTH)) || 'unknown';
/** Figures are added up by name, so two names never become one. */
const toMeasureName = (name: string): string => (redactText(name) === name ? fitKey(name) : toPlainId(name));

/**
 * Adds to a business figure of the call. A value that is not a number, a sum that is too large to be exact, and a name
 * too many are dropped and counted as lost.
 */
export const addMeasure = (scope: Scope, name: string, value: number, unit?: string): void => {
  if (scope.hasOutcome) return;
  scope.measures ??= new Map();
  const key = typeof name === 'string' ? toMeasureName(name) : '';
  const known = scope.measures.get(key);
  const sum = (known ?? 0) + value;
  if (
    !isMeasure(value) ||
    !isMeasure(sum) ||
    key === '' ||
    (known === undefined && scope.measures.size >= MEASURES_LIMIT)
  ) {
    countDropped();
    return;
  }
  scope.measures.set(key, sum);
  if (!unit) return;
  scope.units ??= new Map();
  scope.units.set(key, toName(unit));
};

/**
 * Adds to the cost of the call, in US dollars. An amount that is not valid, or that makes the call cost more than is
 * plausible, is dropped and counted as lost.
 */
export const addCost = (scope: Scope, usd: number): void => {
  if (scope.hasOutcome) return;
  if (isCost(usd) && isCost((scope.costUsd ?? 0) + usd)) scope.costUsd = (scope.costUsd ?? 0) + usd;
  else countDropped();
};

const tallyOf = (scope: Scope, name: string): DependencyTally => {
  scope.dependencies ??= new Map();
  const key = toName(name);
  const tally = scope.dependencies.get(key) ?? { calls: 0, failed: 0, ms: 0 };
  if (scope.dependencies.size < MAX_DEPENDENCIES) scope.dependencies.set(key, tally);
  return tally;
};

/** Runs `work` and records its time and outcome under the provider's name. */
export const timeDependency = async <Result>(
  scope: Scope,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> => {
  const tally = tallyOf(scope, name);
  const startedMs = performance.now();
  scope.pendingDependencies += 1;
  tally.calls += 1;
  // Counted as failed until it succeeds, so that a call that never returns is recorded as failed.
  tally.failed += 1;
  try {
    const result = await work();
    tally.failed -= 1;
    return result;
  } finally {
    scope.pendingDependencies -= 1;
    tally.ms = toMicroseconds(tally.ms + performance.now() - startedMs);
  }
};

/** What only the first call of an execution environment records: how long the start took, and what was started. */
const describeColdStart = ({ monotonicStartMs, lambda: { memoryMb, functionVersion } }: Scope): object => ({
  init_ms: toMicroseconds(monotonicStartMs),
  ...(memoryMb !== undefined && { memory_mb: memoryMb }),
  ...(functionVersion !== undefined && { function_version: functionVersion }),
  node: process.version,
});

/** Everything gathered that has no field of its own in the record; undefined when there is nothing. */
export const metadataOf = (scope: Scope): Record<string, unknown> | undefined => {
  const { dependencies, units, extraMetadata, coldStart } = scope;
  if (!dependencies && !units && !extraMetadata && !coldStart) return undefined;
  return {
    ...extraMetadata,
    ...(coldStart && describeColdStart(scope)),
    ...(dependencies && { dependencies: Object.fromEntries(dependencies) }),
    ...(units && { units: Object.fromEntries(units) }),
  };
};
