import type { ExpectedComponents } from '../../contract/health/components.ts';
import { reportHealth } from '../../contract/health/report.ts';
import type { HealthReport } from '../../contract/reports.ts';
import type { Database } from '../../database/database.ts';
import { readStore } from '../request/reader.ts';
import { type Checked, checkWithStore, componentsWithoutStore } from './components.ts';

/**
 * How long a result is reused, in milliseconds: load balancers check often, and each check costs the database a query.
 */
const CACHE_MS = 15_000;
/** A store that takes longer than this to answer counts as unhealthy, in milliseconds. */
const TIMEOUT_MS = 3_000;

type Component = Checked & { response_time_ms: number };

/** An error's message may name hosts and users; readers of the report without access to the log get its code only. */
const describeCause = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { code?: unknown };
  if (error.name === 'TimeoutError') return 'timeout';
  return typeof code === 'string' ? code : error.name;
};

const DATABASE = { name: 'database', type: 'database', critical: true, since: null };

const checkComponents = async (database: Database, expected: ExpectedComponents, now: Date): Promise<Component[]> => {
  const startedAt = performance.now();
  const timed = (components: Checked[]): Component[] => {
    const elapsed = Math.round(performance.now() - startedAt);
    return components.map((component) => ({ response_time_ms: elapsed, ...component }));
  };
  try {
    const components = await readStore(
      database,
      undefined,
      (reader) => checkWithStore(reader, expected, now.getTime()),
      AbortSignal.timeout(TIMEOUT_MS),
    );
    return timed([{ ...DATABASE, status: 'ok', message: 'answers' }, ...components]);
  } catch (error) {
    const message = `does not answer (${describeCause(error)})`;
    return timed([{ ...DATABASE, status: 'unhealthy', message }, ...componentsWithoutStore(expected)]);
  }
};

/**
 * Checks what the api depends on, at most every 15 seconds. The check never throws: a component that does not answer is
 * reported as unhealthy, and one of which nothing is known as unknown.
 */
export const createHealthCheck = (
  database: Database,
  about: { service: string; version: string },
  expected: ExpectedComponents,
) => {
  let cached: { components: Promise<Component[]>; expiresAt: number } | undefined;
  return async (now: Date): Promise<HealthReport> => {
    if (!cached || cached.expiresAt <= now.getTime()) {
      cached = { components: checkComponents(database, expected, now), expiresAt: now.getTime() + CACHE_MS };
    }
    return { timestamp: now.toISOString(), ...about, ...reportHealth(await cached.components) };
  };
};
