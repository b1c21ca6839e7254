import { isCost, isMeasure, MEASURE_LIMIT, MEASURES_LIMIT } from '../../contract/limits.ts';
import { toPlainId } from '../line/caller-text.ts';
import { fitKey } from '../line/fit-text.ts';
import { countDropped } from '../line/stdout.ts';
import { redactText, toPlainText } from '../privacy/redact.ts';
import { checkMetadata } from './annotate.ts';
import { measuresOfRateLimit, type Quota, type RateLimit } from './rate-limit.ts';
import { refuse } from './refuse.ts';
import type { DependencyTally, Scope } from './scope.ts';

/** More dependencies than this in one call are a mistake, and the line must stay small. */
const MAX_DEPENDENCIES = 32;
const MAX_NAME_LENGTH = 64;

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
/** Callers in JavaScript may pass anything. */
export function toName(text: unknown): string {
  return (typeof text === 'string' && toPlainText(text, MAX_NAME_LENGTH)) || 'unknown';
}
/** Figures are added up by name, so two names never become one. */
export function toMeasureName(name: string): string {
  return redactText(name) === name ? fitKey(name) : toPlainId(name);
}

/** With more names than this in one process, names are made of data. */
const MAX_MEASURE_NAMES = 1_000;
const measureNames = new Set<string>();

/** True for the name of a measure of which the process has not too many. */
export function admitsMeasureName(key: string): boolean {
  if (measureNames.size < MAX_MEASURE_NAMES) measureNames.add(key);
  return measureNames.has(key);
}

function problemOfMeasure(key: string, value: number, sum: number, isFull: boolean): string | undefined {
  if (key === '') return 'A measure was dropped: its name is empty or no text.';
  const measure = `The measure ${toName(key)} was dropped`;
  if (isFull) return `A measure was dropped: a call has at most ${MEASURES_LIMIT}.`;
  if (!admitsMeasureName(key)) return `A measure was dropped: a process has at most ${MAX_MEASURE_NAMES} names.`;
  if (!isMeasure(value)) return `${measure}: its value is no number within ±${MEASURE_LIMIT}.`;
  return isMeasure(sum) ? undefined : `${measure}: its sum is beyond ±${MEASURE_LIMIT}.`;
}

/**
 * Adds to a business figure of the call. A value that is not a number, a sum that is too large to be exact, and a name
 * too many are dropped and counted as lost.
 */
export function addMeasure(scope: Scope, name: string, value: number, unit?: string): void {
  if (scope.hasOutcome) return;
  scope.measures ??= new Map();
  const key = typeof name === 'string' ? toMeasureName(name) : '';
  const known = scope.measures.get(key);
  const sum = (known ?? 0) + value;
  const problem = problemOfMeasure(key, value, sum, known === undefined && scope.measures.size >= MEASURES_LIMIT);
  if (problem !== undefined) {
    refuse(scope, problem);
    return;
  }
  scope.measures.set(key, sum);
  if (!unit) return;
  scope.units ??= new Map();
  scope.units.set(key, toName(unit));
}

/**
 * Adds to the cost of the call, in US dollars. An amount that is not valid, or that makes the call cost more than is
 * plausible, is dropped and counted as lost.
 */
export function addCost(scope: Scope, usd: number): void {
  if (scope.hasOutcome) return;
  if (isCost(usd) && isCost((scope.costUsd ?? 0) + usd)) scope.costUsd = (scope.costUsd ?? 0) + usd;
  else refuse(scope, 'A cost was dropped: it is no plausible amount of US dollars.');
}

function tallyOf(scope: Scope, name: string): DependencyTally {
  scope.dependencies ??= new Map();
  const key = toName(name);
  const known = scope.dependencies.get(key);
  if (known) return known;
  const tally = { calls: 0, failed: 0, ms: 0 };
  if (scope.dependencies.size < MAX_DEPENDENCIES) scope.dependencies.set(key, tally);
  else refuse(scope, `The calls of a provider were not counted: a call has at most ${MAX_DEPENDENCIES} providers.`);
  return tally;
}

/** Runs `work` and records its time and outcome under the provider's name. */
export async function timeDependency<Result>(scope: Scope, name: string, work: () => Promise<Result>): Promise<Result> {
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
}

/** Adds to the call's metadata what it may set itself. What is beyond a limit is refused, and the rest is taken. */
export function annotateCall(scope: Scope, given: unknown): void {
  if (scope.hasOutcome) return;
  const present = scope.ownMetadata ?? {};
  const taken = checkMetadata(given, scope.metadataKeys ?? [], present, (sentence) => refuse(scope, sentence));
  scope.ownMetadata = { ...present, ...taken };
}

/** States how much of a limit is used. The latest statement of the call counts. */
export function stateRateLimit(scope: Scope, limit: RateLimit): void {
  if (scope.hasOutcome) return;
  const measures = measuresOfRateLimit(limit);
  const key = { rate_limit_key: limit.key, rate_limit_key_type: limit.keyType };
  const metadata = checkMetadata(key, [], {}, (sentence) => refuse(scope, sentence));
  if (measures) scope.rateLimit = { measures, metadata, isOwn: true };
  else
    refuse(scope, 'A rate limit was dropped: write a count from 0, a max above 0, and resetAt in seconds since 1970.');
}

/** The same as a provider's answer states it, unless the call states one itself. Of several, the one used most. */
export function noteQuota(scope: Scope, provider: string, quota: Quota): void {
  const measures = measuresOfRateLimit({ key: provider, keyType: 'provider', ...quota });
  if (scope.hasOutcome || scope.rateLimit?.isOwn || !measures) return;
  const { rate_limit_count: used = 0, rate_limit_max: max = 1 } = scope.rateLimit?.measures ?? {};
  const isSameProvider = scope.rateLimit?.metadata.rate_limit_key === toName(provider);
  if (scope.rateLimit && !isSameProvider && used / max > quota.count / quota.max) return;
  const metadata = { rate_limit_key: toName(provider), rate_limit_key_type: 'provider' };
  scope.rateLimit = { measures, metadata, isOwn: false };
}

/** The call's measures by name; undefined when there are none. Those of a rate limit come first. */
export function measuresOf({ measures, rateLimit }: Scope): Record<string, number> | undefined {
  if (!rateLimit) return measures && Object.fromEntries(measures);
  const own = Object.entries(rateLimit.measures);
  const others = [...(measures ?? [])].filter(([name]) => !(name in rateLimit.measures));
  for (let count = own.length + others.length; count > MEASURES_LIMIT; count -= 1) countDropped();
  return Object.fromEntries([...own, ...others].slice(0, MEASURES_LIMIT));
}

/** What only the first call of an execution environment records: how long the start took, and what was started. */
function describeColdStart({ monotonicStartMs, lambda: { memoryMb, functionVersion } }: Scope): object {
  return {
    init_ms: toMicroseconds(monotonicStartMs),
    ...(memoryMb !== undefined && { memory_mb: memoryMb }),
    ...(functionVersion !== undefined && { function_version: functionVersion }),
    node: process.version,
  };
}

/** Everything gathered that has no field of its own in the record; undefined when there is nothing. */
export function metadataOf(scope: Scope): Record<string, unknown> | undefined {
  const { dependencies, units, gauges, extraMetadata, ownMetadata, rateLimit, coldStart } = scope;
  const hasSome = dependencies || units || gauges || extraMetadata || ownMetadata || rateLimit || coldStart;
  if (!hasSome) return undefined;
  if (!(dependencies || units || gauges || ownMetadata || rateLimit || coldStart)) return extraMetadata;
  return {
    ...rateLimit?.metadata,
    ...ownMetadata,
    ...extraMetadata,
    ...(coldStart && describeColdStart(scope)),
    ...(dependencies && { dependencies: Object.fromEntries(dependencies) }),
    ...(gauges && { gauges: Object.fromEntries(gauges) }),
    ...(units && { units: Object.fromEntries(units) }),
  };
}
