import { isMeasure, MEASURES_LIMIT } from '../../contract/limits.ts';
import { METRICS_ONLY } from '../../contract/vocabulary.ts';
import { traceIdOf } from '../call/incoming.ts';
import { type Operation, operationOf } from '../call/operation.ts';
import { emit } from '../line/emit.ts';
import { countDropped } from '../line/stdout.ts';
import { createUuidV7 } from '../line/uuid.ts';

/** How long figures from outside calls wait for others before their line is written, in milliseconds. */
const FLUSH_AFTER_MS = 1_000;
/** The metadata of a line has 16 KiB for the gauges, and a line 32 KiB for all. */
const MAX_BYTES_PER_LINE = 8_192;

let sums = new Map<string, number>();
let gauges = new Map<string, number>();
let units = new Map<string, string>();
let timer: NodeJS.Timeout | undefined;
let flushesAtExit = false;
let operation: Operation | undefined;

function writeLineOf(content: { measures?: Record<string, number>; metadata?: Record<string, unknown> }): void {
  operation ??= operationOf({ kind: 'job', name: METRICS_ONLY, toolDimension: `job/${METRICS_ONLY}` });
  const nowMs = Date.now();
  const event_id = createUuidV7(nowMs);
  emit(operation, {
    call: { event_id, correlation_id: event_id },
    traceId: traceIdOf(event_id),
    startedAtMs: nowMs,
    finishedAtMs: nowMs,
    durationMs: 0,
    coldStart: false,
    attempts: 1,
    failure: undefined,
    ...content,
  });
}

/** Entries in groups that each fit into one line. */
function groupByLine(entries: Iterable<[string, number]>): [string, number][][] {
  const groups: [string, number][][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const size = Buffer.byteLength(JSON.stringify(entry));
    if (bytes + size > MAX_BYTES_PER_LINE || (groups.at(-1)?.length ?? 0) >= MEASURES_LIMIT) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(entry);
    bytes += size;
  }
  return groups;
}

function unitsAmong(names: readonly string[]): Record<string, string> | undefined {
  const found = [...units].filter(([name]) => names.includes(name));
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/** Writes what was counted outside calls and is not written yet. Never throws. */
export function flushMetrics(): void {
  clearTimeout(timer);
  timer = undefined;
  try {
    for (const group of groupByLine(sums)) {
      const found = unitsAmong(group.map(([name]) => name));
      writeLineOf({ measures: Object.fromEntries(group), ...(found && { metadata: { units: found } }) });
    }
    for (const group of groupByLine(gauges)) writeLineOf({ metadata: { gauges: Object.fromEntries(group) } });
  } catch {
    countDropped();
  }
  sums = new Map();
  gauges = new Map();
  units = new Map();
}

function scheduleFlush(): void {
  timer ??= setTimeout(flushMetrics, FLUSH_AFTER_MS).unref();
  if (flushesAtExit) return;
  flushesAtExit = true;
  process.once('exit', flushMetrics);
}

/** Names may be data. With this many waiting, they are written at once. */
const MAX_PENDING = 2_000;

function flushIfMany(): void {
  if (sums.size + gauges.size >= MAX_PENDING) flushMetrics();
  else scheduleFlush();
}

/** Adds to a figure that belongs to no call. False when the sum would no longer be exact. */
export function addPending(key: string, value: number, unit?: string): boolean {
  const sum = (sums.get(key) ?? 0) + value;
  if (!isMeasure(sum)) return false;
  sums.set(key, sum);
  if (unit !== undefined) units.set(key, unit);
  flushIfMany();
  return true;
}

/** Sets a gauge that belongs to no call. */
export function setPending(key: string, value: number): void {
  gauges.set(key, value);
  flushIfMany();
}
