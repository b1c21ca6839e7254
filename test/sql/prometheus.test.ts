import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { openDatabase } from '../../lambdas/database/database.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';
import { PROMETHEUS, PROMTOOL, startPrometheus } from '../support/prometheus.ts';

const RULES = readFileSync(join(import.meta.dirname, 'prometheus/alert-rules.yml'), 'utf8');
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

const db = await testDatabase();
const api = await serveApi(db.as('reader'));
const withoutStore = await serveApi(openDatabase({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 1_000 }));
afterAll(async () => {
  await api.close();
  await withoutStore.close();
});

/** Calls of every kind, with metrics of their own; many requests fail, and are slow. */
const someCalls = (): Invocation[] => [
  anInvocation({ trace_id: TRACE_ID, duration_ms: 300, measures: { orders: 2, 'cache_hits_total{cache="a"}': 3 } }),
  ...(['query', 'sync', 'job', 'webhook', 'rule', 'dependency', 'probe'] as const).flatMap((kind) => [
    anInvocation({ kind, name: 'inbound:contact', metadata: { gauges: { 'workers{pool="a"}': 4 } } }),
    anInvocation({ kind, name: 'inbound:contact', fault: 'dependency', measures: { queue_depth: 3 } }),
  ]),
  ...Array.from({ length: 20 }, () =>
    anInvocation({
      kind: 'http',
      name: 'GET /orders/{id}',
      duration_ms: 7_000,
      fault: 'ours',
      error_code: 'INTERNAL_ERROR',
      metadata: { http: { method: 'GET', route: '/orders/{id}', status: 503 } },
    }),
  ),
  anInvocation({ metadata: { dependencies: { ghl: { calls: 2, failed: 1, ms: 40 } } } }),
];
const count = async (): Promise<void> => {
  await store(db.as('writer'), someCalls());
  await refresh(db.as('refresher'));
};

test.skipIf(!PROMTOOL)('promtool has nothing to say about any metric (skipped without promtool)', async () => {
  await count();
  const input = await (await api.get('/metrics')).text();
  for (const name of ['http_errors_total', 'sync_operations_total', 'job_queue_depth', 'external_api_calls_total'])
    expect(input).toContain(`\n# TYPE ${name} `);
  const { status, stdout, stderr } = spawnSync(PROMTOOL ?? '', ['check', 'metrics'], { input, encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});

describe.skipIf(!PROMETHEUS)('Prometheus (skipped where it is not installed)', () => {
  test('scrapes the api, answers the queries, and alerts on faults by the rules as they were written', async () => {
    const prometheus = await startPrometheus(
      [
        { job: 'api', url: api.url },
        { job: 'without-store', url: withoutStore.url },
      ],
      RULES,
    );
    try {
      const { groups } = await prometheus.get('rules');
      expect(groups[0].rules.map(({ name }: { name: string }) => name)).toEqual([
        'HighErrorRate',
        'ServiceUnhealthy',
        'SlowRequests',
      ]);
      await count();
      await expect.poll(() => prometheus.query('min(up)'), { timeout: 30_000 }).toEqual([1]);
      const p95 = 'histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m])) > 5';
      // A rate needs two scrapes between which calls were counted.
      const deadline = { timeout: 60_000, interval: 2_000 };
      await expect
        .poll(async () => {
          await count();
          return prometheus.query(p95);
        }, deadline)
        .toHaveLength(1);
      expect((await prometheus.query('rate(http_requests_total{status="503"}[5m])'))[0]).toBeGreaterThan(0);
      expect(await prometheus.query('health_check_status{component="database", job="without-store"}')).toEqual([0]);
      const exemplars = await prometheus.get('query_exemplars', {
        query: 'tool_execution_duration_seconds_bucket',
        start: String(Date.now() / 1_000 - 3_600),
        end: String(Date.now() / 1_000 + 60),
      });
      expect(JSON.stringify(exemplars)).toContain(TRACE_ID);
      await expect
        .poll(() => prometheus.firing(), { timeout: 240_000, interval: 2_000 })
        .toEqual(expect.arrayContaining(['HighErrorRate', 'ServiceUnhealthy']));
      const { groups: after } = await prometheus.get('rules');
      expect(after[0].rules.map(({ health }: { health: string }) => health)).toEqual(['ok', 'ok', 'ok']);
    } finally {
      await prometheus.stop();
    }
  }, 400_000);
});
