import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { ENDPOINTS } from '../../lambdas/contract/endpoints.ts';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import {
  counter,
  defineTool,
  flushMetrics,
  gauge,
  getLogger,
  histogram,
  observe,
  record,
  recordKpi,
  registerHealthCheck,
  runHealthChecks,
  ToolError,
  trackAPIRequest,
  trackRuleExecution,
  trackWebhookDelivery,
} from '../../lambdas/observe/index.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { toolFacts } from '../support/a-tool.ts';
import { anEnvelope } from '../support/an-envelope.ts';
import { serveApi } from '../support/api-rig.ts';
import { createCanaries } from '../support/canaries.ts';
import { captureLines } from '../support/captured-lines.ts';
import { testDatabase } from '../support/database.ts';
import { aContext } from '../support/lambda-context.ts';

const lines = captureLines();
const database = await testDatabase();
const api = await serveApi(database.as('reader'));
afterAll(api.close);

/** All rows of all our tables, views and materialized views, as one text. */
const readAllRows = async (): Promise<string> => {
  const relations = await database.rows<{ name: string }>(
    `select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where nspname in ('analytics', 'rollup', 'ops') and relkind in ('r', 'p', 'v', 'm')`,
  );
  const texts = [];
  for (const { name } of relations) {
    const rows = await database.rows<{ json: string }>(
      `select row_to_json(relation)::text as json from ${name} as relation`,
    );
    texts.push(...rows.map(({ json }) => json));
  }
  return texts.join('\n');
};

const secretText = fc.string({ unit: fc.constantFrom(...'bcdfghjkmnpqrvwxz'), minLength: 14, maxLength: 14 });

test('no secret from arguments, results or errors is in any row of any table or view', async () => {
  await fc.assert(
    fc.asyncProperty(secretText, fc.nat(), async (text, index) => {
      const secrets = createCanaries(text);
      const secret = secrets[index % secrets.length] ?? '';
      const failing = [
        () => ({ degrees: secret as unknown as number }),
        () => ({ isError: true as const, message: secret }),
        () => {
          throw new Error(`could not: ${secret}`);
        },
        () => {
          throw new ToolError('UPSTREAM_ERROR', secret, { type: secret });
        },
      ];
      for (const behaviour of failing) {
        const tool = defineTool(toolFacts({ capture: { input: ['note'] } })).run((_args, { measure }) => {
          measure(secret, 1, secret);
          return behaviour();
        });
        await tool(
          { city: text, note: [secret, { password: text }] },
          aContext({ user_agent: secret, user_id: secret } as never),
        );
      }
      await ingest(database.as('writer'), anEnvelope(lines.raw()));
      await refresh(database.as('refresher'));
      const stored = await readAllRows();
      expect(stored).toContain('weather');
      expect(stored).not.toContain(text);
    }),
    { numRuns: 12 },
  );
});

/** What every endpoint answers the operator, as one text. */
const readAllAnswers = async (): Promise<string> => {
  const paths = Object.keys(ENDPOINTS).map((path) => path.replace(/:\w+/, 'canary'));
  const answers = await Promise.all([...paths, '/v1/monitoring/metrics?type=all'].map((path) => api.get(path)));
  return (await Promise.all(answers.map((answer) => answer.text()))).join('\n');
};

/** Gives a secret to every function that takes words of an author's. */
const recordEverywhere = async (secret: string): Promise<void> => {
  const labels = { provider: secret, domain: secret, gptName: secret, sourceGpt: secret, userId: secret };
  const metadata = { url: `https://a.example.com/${secret}?key=${secret}`, rule_name: secret, rule_type: secret };
  const details = { error_message: secret, error_type: secret, metadata, measures: { [secret]: 1 } };
  record({ kind: 'dependency', name: secret, success: false, duration_ms: 1, ...details, domain: secret });
  trackWebhookDelivery(`https://a.example.com/${secret}`, 'failed', 1, secret, details);
  trackRuleExecution(secret, 'success', 1, 1, secret, details);
  trackAPIRequest({ method: secret, path: `/${secret}?q=${secret}`, status: 500, duration_ms: 1, user_agent: secret });
  await observe('job', secret, ({ label, annotate, rateLimit, measure, logger, dependency }) => {
    label(labels);
    annotate(metadata);
    rateLimit({ key: secret, keyType: 'api_key', count: 1, max: 2 });
    measure(secret, 1, secret);
    logger.metric(secret, 1);
    counter('canaries_total', { by: secret }).add();
    gauge('canaries', { by: secret }).set(1);
    histogram('canary_seconds', { by: secret }).observe(1);
    return dependency(secret, async () => 1);
  });
  recordKpi(secret, 1, secret);
  getLogger().metric(secret, 1, secret);
  flushMetrics();
  registerHealthCheck('canary', () => ({ status: 'unhealthy', message: secret }), { domain: secret, cacheMs: 0 });
  registerHealthCheck('canary_error', () => Promise.reject(new Error(secret)), { type: secret, cacheMs: 0 });
  await runHealthChecks();
};

test('no secret from labels, metadata, series, names, records or checks is in any row or any answer of the api', async () => {
  await fc.assert(
    fc.asyncProperty(secretText, fc.nat(), async (text, index) => {
      lines.clear();
      const secrets = createCanaries(text);
      await recordEverywhere(secrets[index % secrets.length] ?? '');
      await ingest(database.as('writer'), anEnvelope(lines.raw()));
      await refresh(database.as('refresher'));
      const answers = await readAllAnswers();
      expect(answers).toContain('http_requests_total');
      expect(`${await readAllRows()}\n${answers}`).not.toContain(text);
    }),
    { numRuns: 12 },
  );
});
