import type { Health, HealthReport } from '../contract/reports.ts';
import type { Database } from '../database/database.ts';
import { createReader } from './reader.ts';

/** How long an answer is reused, in milliseconds: load balancers ask often, and each asking costs the database something. */
const KEPT_MS = 15_000;
/** A store that takes longer than this is as good as none, in milliseconds. */
const PATIENCE_MS = 3_000;
/** Summaries older than this are stale, in seconds. */
const STALE_SECONDS = 900;

type Component = HealthReport['components'][number];

interface StoreHealth {
  age_seconds: number | null;
  tools: number;
  critical: number;
}

const withinPatience = <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

const component = (
  name: string,
  status: Health,
  critical: boolean,
  message: string,
  response_time_ms: number,
): Component => ({ name, status, critical, message, response_time_ms });

const summaries = (age: number | null, took: number): Component => {
  if (age === null) return component('summaries', 'degraded', false, 'never refreshed yet', took);
  const message = `refreshed ${Math.round(age)} s ago`;
  return component('summaries', age > STALE_SECONDS ? 'degraded' : 'ok', false, message, took);
};

const tools = ({ tools: all, critical }: StoreHealth, took: number): Component =>
  component('tools', critical > 0 ? 'degraded' : 'ok', false, `${critical} of ${all} critical`, took);

const look = async (database: Database): Promise<Component[]> => {
  const began = performance.now();
  const took = () => Math.round(performance.now() - began);
  try {
    const [store] = await withinPatience(
      createReader(database, undefined, (reader) => reader.rows<StoreHealth>('health')),
    );
    if (!store) throw new Error('no answer');
    return [
      component('database', 'ok', true, 'answers', took()),
      summaries(store.age_seconds, took()),
      tools(store, took()),
    ];
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    // The message may name hosts and users; the code is enough for whoever may not see the log.
    return [component('database', 'unhealthy', true, `does not answer (${code ?? 'timeout'})`, took())];
  }
};

const overall = (components: Component[]): Health => {
  if (components.some(({ status, critical }) => critical && status === 'unhealthy')) return 'unhealthy';
  return components.every(({ status }) => status === 'ok') ? 'ok' : 'degraded';
};

/** Asks what the api depends on, at most every 15 seconds. Never throws: what does not answer is unhealthy. */
export const healthOf = (database: Database, about: { service: string; version: string }) => {
  let kept: { components: Promise<Component[]>; until: number } | undefined;
  return async (now: Date): Promise<HealthReport> => {
    if (!kept || kept.until <= now.getTime()) kept = { components: look(database), until: now.getTime() + KEPT_MS };
    const components = await kept.components;
    return {
      status: overall(components),
      timestamp: now.toISOString(),
      ...about,
      dependencies: Object.fromEntries(components.map(({ name, status }) => [name, status])),
      components,
    };
  };
};
