import { afterAll, beforeAll, expect, test } from 'vitest';
import { healthReport } from '../../lambdas/contract/reports.ts';
import { settingsFrom } from '../../lib/settings.ts';
import { listen } from '../support/http-server.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { invoke, request } from '../support/through-cloud.ts';

let template: Awaited<ReturnType<typeof prepareTemplate>>;
let provider: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  provider = await listen((incoming, response) => response.writeHead(incoming.url === '/down' ? 503 : 200).end());
  template = await prepareTemplate({
    checks: settingsFrom({
      checks: [
        { kind: 'http', name: 'ghl_api', url: `${provider.url}/ping` },
        { kind: 'http', name: 'verity_api', url: `${provider.url}/down`, critical: true },
        { kind: 'queue', name: 'job_queue', queue: 'orders' },
        { kind: 'queue', name: 'idle_queue', queue: 'nobody-uses' },
        { kind: 'credential', name: 'api_key', renewedOn: '2020-01-01' },
      ],
    }).checks,
  });
});
afterAll(() => Promise.all([provider?.close(), template?.clear()]));

test('checks become lines, rows and metrics, and health shows them; one that cannot tell is unknown', async () => {
  await template.withEdit(
    () => {},
    async (cloud, events) => {
      cloud.metrics.put(
        {
          namespace: 'AWS/SQS',
          name: 'ApproximateNumberOfMessagesVisible',
          dimensions: { QueueName: 'orders' },
        },
        700,
      );
      const { payload, failed } = await invoke(cloud, 'checks');
      expect(failed).toBe(false);
      expect(JSON.parse(payload)).toMatchObject([
        { name: 'ghl_api', status: 'ok' },
        { name: 'verity_api', status: 'unhealthy', failure: 'http_503' },
        { name: 'job_queue', status: 'degraded', message: '700 messages wait' },
        { name: 'idle_queue', status: 'unknown' },
        { name: 'api_key', status: 'unhealthy' },
      ]);
      const stored = "select distinct name from analytics.invocations where kind = 'probe' order by 1";
      await expect
        .poll(async () => (await template.rows(stored)).map(({ name }) => name))
        .toEqual(['api_key', 'ghl_api', 'job_queue', 'verity_api']);
      expect(cloud.metrics.find('Toolwatch', 'error')).toContainEqual(
        expect.objectContaining({ dimensions: { service: 'toolwatch', tool: 'probe/verity_api' } }),
      );

      const answer = JSON.parse((await invoke(cloud, 'api', request('GET', '/health'))).payload);
      const report = healthReport.parse(JSON.parse(answer.body));
      expect([answer.statusCode, report.status]).toEqual([503, 'unhealthy']);
      expect(report.dependencies).toMatchObject({
        database: 'ok',
        job_queue: 'degraded',
        idle_queue: 'unknown',
        ghl_api: 'ok',
        verity_api: 'unhealthy',
        api_key: 'unhealthy',
        shop: 'unknown',
      });
      expect(report.components.find(({ name }) => name === 'database_certificate')?.status).toBe('ok');
      expect(report.health_checks).toContainEqual(
        expect.objectContaining({ domain: new URL(provider.url).host, status: 'healthy' }),
      );
      expect(events.refusals).toEqual([]);
    },
  );
});
