import type pg from 'pg';
import { readStatement } from '../../database/statements.ts';
import type { Promised } from './evaluate-names.ts';
import type { Bucket, History } from './history.ts';

interface Row extends Record<'begins_at_ms' | 'lasts_ms' | 'calls' | 'errors' | 'all_calls', string[]> {
  kind: string;
  name: string;
  promised: number | null;
  objective: number | null;
}

/** The calls under one name, and what is promised of them. */
export interface NamedHistory {
  kind: string;
  name: string;
  history: History;
  promised: Promised;
}

const toHistory = ({ begins_at_ms, lasts_ms, calls, errors, all_calls }: Row): History =>
  begins_at_ms.map(
    (at, index): Bucket => ({
      at: Number(at),
      ms: Number(lasts_ms[index]),
      calls: Number(calls[index]),
      errors: Number(errors[index]),
      allCalls: Number(all_calls[index]),
    }),
  );

/** The last two weeks of every name. What has promised nothing may fail as often as `otherRate` says. */
export const readHistories = async (client: pg.ClientBase, otherRate: number): Promise<NamedHistory[]> => {
  const { rows } = await client.query<Row>(readStatement('refresh-call-history'));
  return rows.map((row) => ({
    kind: row.kind,
    name: row.name,
    history: toHistory(row),
    promised: {
      errorRate: row.kind === 'tool' ? (row.promised ?? otherRate) : otherRate,
      ...(row.kind === 'tool' && row.objective !== null ? { objective: row.objective } : {}),
    },
  }));
};
