import type pg from 'pg';
import { DAY_MS } from '../../lambdas/contract/durations.ts';
import { flushCaches, measureMs } from '../store/measure.ts';

export interface DayRemoval {
  /** How many calls the day had. */
  calls: number;
  dropMs: number;
  deleteMs: number;
}

/** Drops the empty days, and sets the session's clock a month ahead, so that all other days are past retention. */
const prepareDays = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ day: string }>(`
    select inhrelid::regclass::text as day from pg_inherits
    where inhparent = 'analytics.invocations'::regclass and pg_relation_size(inhrelid) = 0
      and inhrelid <> 'analytics.invocations_default'::regclass`);
  for (const { day } of rows) await client.query(`drop table ${day}`);
  await client.query(`set analytics.now = '${new Date(Date.now() + 30 * DAY_MS).toISOString()}'`);
};

/** Drops days, the oldest first, up to this one. Returns how long that one took, in milliseconds. */
const dropUntil = async (client: pg.Client, date: string): Promise<number> => {
  for (;;) {
    let day: string | undefined;
    const ms = await measureMs(async () => {
      const { rows } = await client.query<{ day: string }>('select analytics.drop_oldest_day(1)::text as day');
      day = rows[0]?.day;
    });
    if (day === date) return ms;
    if (!day) throw new Error(`${date} was not dropped`);
  }
};

/** Measures dropping the day with the most calls, as retention does, and DELETE and VACUUM on a copy of it. */
export const measureDayRemoval = async (client: pg.Client): Promise<DayRemoval> => {
  await prepareDays(client);
  const { rows } = await client.query<{ day: string; date: string; calls: string }>(`
    select inhrelid::regclass::text as day, to_date(right(relname, 8), 'YYYYMMDD')::text as date, reltuples as calls
    from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'analytics.invocations'::regclass and relname ~ '_\\d{8}$' order by reltuples desc limit 1`);
  const [fullest] = rows;
  if (!fullest) throw new Error('There is no day to remove.');
  await client.query(`create table copied_day (like ${fullest.day} including all)`);
  await client.query(`insert into copied_day select * from ${fullest.day}`);
  await client.query('vacuum analyze copied_day');
  await flushCaches(client);
  const dropMs = await dropUntil(client, fullest.date);
  await flushCaches(client);
  const deleteMs = await measureMs(async () => {
    await client.query('delete from copied_day');
    await client.query('vacuum copied_day');
  });
  return { calls: Number(fullest.calls), dropMs, deleteMs };
};
