import type { Health, HealthReport } from '../contract/reports.ts';
import type { Database } from '../database/database.ts';
import { readStore } from './reader.ts';

/**
 * How long a result is reused, in milliseconds: load balancers check often, and each check costs the database a query.
 */
const CACHE_MS = 15_000;
/** A store that takes longer than this to answer counts as unhealthy, in milliseconds. */
const TIMEOUT_MS = 3_000;
/** Summaries older than this are stale, in seconds. */
const STALE_SECONDS = 900;

type Component = HealthReport['components'][number];

interface StoreHealth {
  age_seconds: number | null;
  tools: number;
  critical: number;
}

const createComponent = (
  name: string,
  status: Health,
  critical: boolean,
  message: string,
  response_time_ms: number,
): Component => ({ name, status, critical, message, response_time_ms });

const checkSummaries = (ageSeconds: number | null, responseMs: number): Component => {
  if (ageSeconds === null) return createComponent('summaries', 'degraded', false, 'not refreshed yet', responseMs);
  const message = `refreshed ${Math.round(ageSeconds)} s ago`;
  return createComponent('summaries', ageSeconds > STALE_SECONDS ? 'degraded' : 'ok', false, message, responseMs);
};

const checkTools = ({ tools, critical }: StoreHealth, responseMs: number): Component =>
  createComponent('tools', critical > 0 ? 'degraded' : 'ok', false, `${critical} of ${tools} are critical`, responseMs);

/** An error's message may name hosts and users; readers of the report without access to the log get its code only. */
const describeCause = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { code?: unknown };
  if (error.name === 'TimeoutError') return 'timeout';
  return typeof code === 'string' ? code : error.name;
};

const checkComponents = async (database: Database): Promise<Component[]> => {
  const startedAt = performance.now();
  const elapsedMs = () => Math.round(performance.now() - startedAt);
  try {
    const [store] = await readStore(
      database,
      undefined,
      (reader) => reader.rows<StoreHealth>('health'),
      AbortSignal.timeout(TIMEOUT_MS),
    );
    if (!store) throw new Error('no answer');
    return [
      createComponent('database', 'ok', true, 'answers', elapsedMs()),
      checkSummaries(store.age_seconds, elapsedMs()),
      checkTools(store, elapsedMs()),
    ];
  } catch (error) {
    return [createComponent('database', 'unhealthy', true, `does not answer (${describeCause(error)})`, elapsedMs())];
  }
};

const overallStatus = (components: Component[]): Health => {
  if (components.some(({ status, critical }) => critical && status === 'unhealthy')) return 'unhealthy';
  return components.every(({ status }) => status === 'ok') ? 'ok' : 'degraded';
};

/**
 * Checks what the api depends on, at most every 15 seconds. The check never throws: a component that does not answer is
 * reported as unhealthy.
 */
export const createHealthCheck = (database: Database, about: { service: string; version: string }) => {
  let cached: { components: Promise<Component[]>; expiresAt: number } | undefined;
  return async (now: Date): Promise<HealthReport> => {
    if (!cached || cached.expiresAt <= now.getTime()) {
      cached = { components: checkComponents(database), expiresAt: now.getTime() + CACHE_MS };
    }
    const components = await cached.components;
    return {
      status: overallStatus(components),
      timestamp: now.toISOString(),
      ...about,
      dependencies: Object.fromEntries(components.map(({ name, status }) => [name, status])),
      components,
    };
  };
};
