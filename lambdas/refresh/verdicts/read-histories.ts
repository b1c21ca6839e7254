import type pg from 'pg';
import { readStatement } from '../../database/statements.ts';
import type { Limits } from './evaluate-names.ts';
import type { Bucket, History } from './history.ts';

interface Row extends Record<'begins_at_ms' | 'lasts_ms' | 'calls' | 'errors' | 'all_calls', string[]> {
  kind: string;
  name: string;
  allowed_rate: number | null;
  objective: number | null;
}

/** The calls under one name, and what is allowed to them. */
export interface NamedHistory {
  kind: string;
  name: string;
  history: History;
  limits: Limits;
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

/** The last two weeks of every name. A name without limits of its own may fail as often as `otherRate` says. */
export const readHistories = async (client: pg.ClientBase, otherRate: number): Promise<NamedHistory[]> => {
  const { rows } = await client.query<Row>(readStatement('refresh-call-history'));
  return rows.map((row) => ({
    kind: row.kind,
    name: row.name,
    history: toHistory(row),
    limits: {
      errorRate: row.kind === 'tool' ? (row.allowed_rate ?? otherRate) : otherRate,
      ...(row.kind === 'tool' && row.objective !== null ? { objective: row.objective } : {}),
    },
  }));
};
