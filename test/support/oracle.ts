import type { Invocation } from '../../lambdas/contract/invocation.ts';

/** What summaries must say about some calls, worked out the plain way: one call after the other, in memory. */
export interface Cell {
  calls: number;
  totalUs: number;
  minMs: number;
  maxMs: number;
  retries: number;
  requestBytes: number;
}

const HOUR_MS = 3_600_000;

/** Each call once, however often it came. */
export const distinct = (records: readonly Invocation[]): Invocation[] => [
  ...new Map(records.map((record) => [`${record.started_at} ${record.event_id}`, record])).values(),
];

/** The hour a call belongs to, as ISO 8601. */
export const hourOf = ({ started_at }: Invocation): string =>
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

/** The share-th percentile, between its neighbours as PostgreSQL's percentile_cont puts it; undefined of nothing. */
export const percentile = (values: readonly number[], share: number): number | undefined => {
  const sorted = [...values].sort((one, other) => one - other);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  return below === undefined || above === undefined ? undefined : below + (above - below) * (place - Math.floor(place));
};
