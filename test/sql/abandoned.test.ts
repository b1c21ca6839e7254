import fc from 'fast-check';
import pg from 'pg';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readStore } from '../../lambdas/api/request/reader.ts';
import type { CountsReport, Failure, FailuresReport } from '../../lambdas/contract/reports.ts';
import { type Database, WrongAnswerError } from '../../lambdas/database/database.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

/** Each tenant's failed calls are named after it, and each tenant has another number of them. */
const FAILED_CALLS = { acme: 1, globex: 2, initech: 3 };
type Tenant = keyof typeof FAILED_CALLS;
const TENANTS = Object.keys(FAILED_CALLS) as Tenant[];
/** What a reader of all tenants is shown. */
const ALL_FAILURES = TENANTS.flatMap((tenant) => Array.from({ length: FAILED_CALLS[tenant] }, () => tenant));

const db = await testDatabase();

beforeAll(async () => {
  const failures = ALL_FAILURES.map((tenant) => anInvocation({ name: tenant, tenant_id: tenant, fault: 'ours' }));
  await store(db.as('writer'), failures);
});

/** A session that holds a lock which stops reads of one table, until it is released. */
const openLock = async (table: string) => {
  const client = new pg.Client({ connectionString: db.urlFor() });
  await client.connect();
  onTestFinished(() => client.end());
  return {
    hold: () => client.query(`begin; lock table ${table} in access exclusive mode`),
    release: () => client.query('rollback'),
  };
};

type Read = (tenant: Tenant | undefined, signal?: AbortSignal) => Promise<string[]>;

/** Reads the names of a tenant's failures; without a tenant, those of all. */
const readerOf =
  (database: Database): Read =>
  (tenant, signal) =>
    readStore(
      database,
      tenant,
      async (reader) => {
        const failures = await reader.rows<Failure>('failures', [60, null, null, 100]);
        return failures.map(({ tool_name }) => tool_name).sort();
      },
      signal,
    );

const expectedFor = (tenant: Tenant | undefined): string[] =>
  tenant === undefined ? ALL_FAILURES : ALL_FAILURES.filter((name) => name === tenant);

describe('a request after one that was given up', () => {
  test('gets its own answer, while the store still works on the other one and afterwards', async () => {
    const api = await serveApi(db.as('reader'));
    const lock = await openLock('analytics.refresh_log');
    const from = new Date(Date.now() - 1_800_000).toISOString();
    const readAll = async () => {
      const failures: FailuresReport = await (await api.get('/v1/failures')).json();
      const { counts }: CountsReport = await (await api.get(`/v1/counts?from=${from}&quarters=8`)).json();
      return { failures: failures.failures.length, calls: counts.reduce((sum, { calls }) => sum + calls, 0) };
    };
    try {
      await lock.hold();
      const health = await api.get('/health');
      expect(health.status).toBe(503);
      expect((await health.json()).components).toMatchObject([
        { name: 'database', message: 'does not answer (timeout)' },
        { name: 'summaries', status: 'unknown' },
        { name: 'tools', status: 'unknown' },
      ]);
      expect(await readAll()).toEqual({ failures: ALL_FAILURES.length, calls: ALL_FAILURES.length });
    } finally {
      await lock.release();
    }
    expect(await readAll()).toEqual({ failures: ALL_FAILURES.length, calls: ALL_FAILURES.length });
    await api.close();
  });

  test('may have given up while it waited for its turn, and is not done at all then', async () => {
    const database = db.as('reader');
    const done: string[] = [];
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const aborter = new AbortController();
    const first = database.run(async () => {
      await finished;
      done.push('first');
    });
    const second = database.run(async () => done.push('second'), aborter.signal);
    const third = database.run(async () => done.push('third'));
    aborter.abort(new Error('given up'));
    await expect(second).rejects.toThrow('given up');
    finish();
    await Promise.all([first, third]);
    expect(done).toEqual(['first', 'third']);
  });

  test('is answered with an error of ours when the answer does not prove that it is its own', async () => {
    const errors: Error[] = [];
    const rows = [{ proof_question: 'another', proof_scope: 'globex', proof_row: true, tool_name: 'globex' }];
    const client = { query: async () => ({ rows }) } as unknown as pg.Client;
    const api = await serveApi({ run: (work) => work(client), close: async () => {} }, errors);
    const answer = await api.get('/v1/failures', { headers: { 'x-tenant-id': 'acme' } });
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('globex');
    expect(errors).toMatchObject([{ name: 'WrongAnswerError' }]);
    await api.close();
  });

  test('does not find its transaction open', async () => {
    const database = db.as('reader');
    await database.run((client) => client.query('begin'));
    expect(await readerOf(database)('acme')).toEqual(expectedFor('acme'));
    await expect(database.run((client) => client.query('begin; select 1 / 0'))).rejects.toThrow('division by zero');
    expect(await readerOf(database)('globex')).toEqual(expectedFor('globex'));
  });
});

const reads = fc.record({
  kind: fc.constant('read' as const),
  tenant: fc.option(fc.constantFrom(...TENANTS), { nil: undefined }),
  isGivenUp: fc.boolean(),
});
const step = fc.oneof(
  { weight: 5, arbitrary: reads },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('hold', 'release', 'give up', 'wait') }) },
);
type Step = { kind: string; tenant?: Tenant | undefined; isGivenUp?: boolean };

/** Takes the steps one after the other without waiting for the reads, and returns what became of each read. */
const runSteps = async (read: Read, lock: Awaited<ReturnType<typeof openLock>>, steps: readonly Step[]) => {
  const outcomes: Promise<{ tenant: Tenant | undefined; names?: string[]; error?: unknown }>[] = [];
  let aborters: AbortController[] = [];
  let isHeld = false;
  const release = async () => {
    if (isHeld) await lock.release();
    isHeld = false;
  };
  for (const { kind, tenant, isGivenUp } of steps) {
    if (kind === 'read') {
      const aborter = new AbortController();
      if (isGivenUp) aborters.push(aborter);
      const answer = read(tenant, aborter.signal);
      outcomes.push(
        answer.then(
          (names) => ({ tenant, names }),
          (error: unknown) => ({ tenant, error }),
        ),
      );
    }
    if (kind === 'give up') {
      for (const aborter of aborters) aborter.abort(new Error('given up'));
      aborters = [];
    }
    if (kind === 'wait') await db.rows('select pg_sleep(0.002)');
    if (kind === 'release') await release();
    if (kind === 'hold' && !isHeld) {
      isHeld = true;
      await lock.hold();
    }
  }
  await release();
  return Promise.all(outcomes);
};

describe('however requests, locks and giving up come together', () => {
  test('each answer is right for its own scope, and only what was given up is an error', async () => {
    const lock = await openLock('analytics.invocations');
    const read = readerOf(db.as('reader'));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
        for (const { tenant, names, error } of await runSteps(read, lock, steps)) {
          if (error === undefined) expect(names).toEqual(expectedFor(tenant));
          else expect(error).toMatchObject({ message: 'given up' });
        }
      }),
      { numRuns: 60 },
    );
  });

  test('even on a connection that several use at once, each answer is right for its own scope or an error', async () => {
    const client = new pg.Client({ connectionString: db.urlFor('reader') });
    await client.connect();
    onTestFinished(() => client.end());
    const lock = await openLock('analytics.invocations');
    const read = readerOf({ run: (work) => work(client), close: async () => {} });
    let wrongAnswers = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
        for (const { tenant, names, error } of await runSteps(read, lock, steps)) {
          if (error === undefined) expect(names).toEqual(expectedFor(tenant));
          if (error instanceof WrongAnswerError) wrongAnswers += 1;
        }
      }),
      { numRuns: 60 },
    );
    expect(wrongAnswers).toBeGreaterThan(0);
  });
});
