import type { Invocation } from '../../lambdas/contract/invocation.ts';

/** A cell as the roll-ups must have it, computed in the simplest way: one call after the other, in memory. */
export interface Cell {
  calls: number;
  totalUs: number;
  minMs: number;
  maxMs: number;
  retries: number;
  requestBytes: number;
}

const HOUR_MS = 3_600_000;

/** Each call once, however often it was delivered. */
export const removeDuplicates = (records: readonly Invocation[]): Invocation[] => [
  ...new Map(records.map((record) => [`${record.started_at} ${record.event_id}`, record])).values(),
];

/** The hour in which a call started, in ISO 8601. */
const hourOf = ({ started_at }: Invocation): string =>
  new Date(Math.floor(Date.parse(started_at) / HOUR_MS) * HOUR_MS).toISOString();

/** Calls by tenant, hour, tool, code, fault and cold start. */
export const cellsOf = (records: readonly Invocation[]): Map<string, Cell> => {
  const cells = new Map<string, Cell>();
  for (const record of records) {
    const outcome = record.success ? ['', ''] : [record.error_code ?? 'INTERNAL_ERROR', record.fault ?? 'ours'];
    const key = [record.tenant_id, hourOf(record), record.kind, record.name, ...outcome, record.cold_start].join('|');
    const cell = cells.get(key);
    cells.set(key, {
      calls: (cell?.calls ?? 0) + 1,
      totalUs: (cell?.totalUs ?? 0) + Math.round(record.duration_ms * 1_000),
      minMs: Math.min(cell?.minMs ?? Number.POSITIVE_INFINITY, record.duration_ms),
      maxMs: Math.max(cell?.maxMs ?? 0, record.duration_ms),
      retries: (cell?.retries ?? 0) + record.attempts - 1,
      requestBytes: (cell?.requestBytes ?? 0) + (record.request_bytes ?? 0),
    });
  }
  return cells;
};

/** The percentile at this share (0 to 1), interpolated as percentile_cont does; undefined without values. */
export const percentileOf = (values: readonly number[], share: number): number | undefined => {
  const sorted = [...values].sort((left, right) => left - right);
  const rank = share * (sorted.length - 1);
  const below = sorted[Math.floor(rank)];
  const above = sorted[Math.ceil(rank)];
  return below === undefined || above === undefined ? undefined : below + (above - below) * (rank - Math.floor(rank));
};
