import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { type CallToolResult, discoverOAuthProtectedResourceMetadata } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { invocation } from '../../lambdas/contract/invocation.ts';
import { isReject, parseRecord } from '../../lambdas/subscription/record.ts';
import { startPostgres } from '../../local/postgres.ts';
import { editTemplate } from '../../local/template-edits.ts';
import { type Clients, replayLines, replayRetainedPayloads } from '../../operate/replay.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';
import { textOf } from '../support/mcp-client.ts';
import { shortenWindows } from '../support/notifier.ts';
import { bucketNamed, invoke } from '../support/through-cloud.ts';

let local: LocalRun;
let client: Awaited<ReturnType<LocalRun['client']>>;

beforeAll(async () => {
  local = await startLocalRun({
    change: (stacks) => {
      editTemplate(stacks, shortenWindows);
      // A payload that cannot be stored is retained immediately, instead of after three minutes of retries.
      for (const { template } of stacks) {
        for (const { Type, Properties } of Object.values(template.Resources)) {
          if (Type === 'AWS::Lambda::EventInvokeConfig') Properties.MaximumRetryAttempts = 0;
        }
      }
    },
  });
  client = await local.client();
});
afterAll(async () => {
  await client?.close();
  await local?.stop();
});

const call = async (name: string, args: Record<string, unknown>): Promise<CallToolResult> =>
  (await client.callTool({ name, arguments: args })) as CallToolResult;

/** The AWS SDK's clients, with the operator's credentials. */
const createClients = (): Clients => {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  const config = { endpoint: local.cloud.endpoint, region: 'us-east-1', credentials };
  return {
    lambda: new LambdaClient(config),
    s3: new S3Client(config),
    logs: new CloudWatchLogsClient(config),
  };
};

const rowsOf = (name: string) =>
  local.rows('select * from analytics.invocations where name = $1 order by started_at', [name]);

const metricOf = (tool: string, name: string, statistic: string) =>
  local.cloud.metrics.statistic(
    { namespace: 'Toolwatch', name, dimensions: { service: 'toolwatch', tool } },
    statistic,
    Date.now() - 3_600_000,
    Date.now() + 3_600_000,
  )?.value;

describe('one call', () => {
  test('by a real client becomes one line, one row and metrics, and appears in the API’s answer', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('order_status');
    const result = await call('order_status', { order_id: 'A-1042' });
    expect(result.isError ?? false).toBe(false);

    await expect.poll(() => rowsOf('order_status')).toHaveLength(1);
    const lines = local.lines().filter((line) => line.includes('"order_status"') && line.includes('toolwatch.v1'));
    expect(lines).toHaveLength(1);
    const record = invocation.parse(JSON.parse(lines[0] ?? ''));
    const [row = {}] = await rowsOf('order_status');
    expect(row).toMatchObject({ event_id: record.event_id, success: true, name: 'order_status', environment: 'local' });
    expect((row.started_at as Date).toISOString()).toBe(record.started_at);
    expect(metricOf('order_status', 'error', 'SampleCount')).toBe(1);
    expect(metricOf('order_status', 'duration_ms', 'p95')).toBe(record.duration_ms);
    // A log line of ingest's own for each batch would cost as much as the batch.
    expect(local.cloud.logs.read('/toolwatch/ingest')).toEqual([]);

    expect((await local.refresh()).failed).toBe(false);
    const { tools: reported } = await local.get('/v1/tools');
    expect(reported).toContainEqual(
      expect.objectContaining({ tool_name: 'order_status', total_invocations: 1, error_count: 0 }),
    );
    expect(await (await local.ask('/metrics')).text()).toContain('order_status');
    const asCsv = await local.ask('/v1/calls?tool=order_status&format=csv');
    expect(asCsv.headers.get('content-disposition')).toContain('toolwatch-calls-');
    expect((await asCsv.text()).split('\r\n')).toEqual([
      expect.stringMatching(/^event_id,started_at,kind,name,/),
      expect.stringContaining(`${record.event_id},${record.started_at},tool,order_status,`),
      '',
    ]);
  });

  test('with a caller error is stored as the caller’s fault, and is no sample of the tool’s failures', async () => {
    const result = await call('place_order', { sku: 'NOPE-1', quantity: 1 });
    expect(result.isError).toBe(true);
    await expect.poll(() => rowsOf('place_order')).toMatchObject([{ success: false, fault: 'caller' }]);
    expect(metricOf('place_order', 'duration_ms', 'SampleCount')).toBe(1);
    expect(metricOf('place_order', 'error', 'SampleCount')).toBeUndefined();
    const line = local.lines().find((text) => text.includes('"place_order"')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ caller_error: 1 });
  });

  test('of a tool whose process the platform kills gets its line from the gateway', async () => {
    const result = await call('regex_search', { pattern: '^(a+)+$', text: `${'a'.repeat(60)}b` });
    expect(textOf(result)).toContain('stopped');
    await expect
      .poll(() => rowsOf('regex_search'))
      .toMatchObject([{ success: false, error_code: 'TIMEOUT', error_type: 'Sandbox.Timedout', fault: 'platform' }]);
  });

  test('of an unknown tool is stored, but without a metric of its name', async () => {
    await call('no_such_tool', {}).catch(() => {});
    await expect.poll(() => rowsOf('_OTHER')).toHaveLength(1);
    expect(
      local.cloud.metrics.find('Toolwatch', 'error').some(({ dimensions }) => dimensions.tool === 'no_such_tool'),
    ).toBe(false);
  });
});

describe('a request that is not a call', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    local.ask('/mcp', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body,
    });

  test.each([
    ['that is not JSON', '{"jsonrpc":', 400],
    ['that is too large for Lambda', JSON.stringify({ filler: 'x'.repeat(10_000_000) }), 413],
  ])('%s is rejected', async (_, body, status) => {
    expect((await post(body)).status).toBe(status);
  });

  test('without a token is sent to the local issuer, for the address that the client used', async () => {
    expect((await fetch(local.mcpUrl, { method: 'POST', body: '{}' })).status).toBe(401);
    const { resource, authorization_servers: [issuer = ''] = [] } = await discoverOAuthProtectedResourceMetadata(
      local.mcpUrl,
    );
    expect(resource).toBe(local.mcpUrl);
    const described = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    expect(described.issuer).toBe(issuer);
    expect(described.authorization_endpoint).toContain(`${local.dashboardUrl}/local/cognito/`);
  });

  test('with another HTTP method is rejected', async () => {
    expect((await local.ask('/mcp')).status).toBe(405);
  });

  test('with an unknown protocol version is rejected', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
    expect((await post(body, { 'mcp-protocol-version': '1999-01-01' })).status).toBe(400);
  });
});

describe('an unusual line', () => {
  const role = () => local.cloud.lambda.functionOf('toolwatch-tool-order_status').latest.configuration.role;
  const write = (...lines: string[]) => {
    for (const line of lines) local.cloud.logs.write(role(), '/toolwatch/calls', 'test', line);
  };
  const validRecord = () => {
    const lines = local.lines().filter((line) => line.includes('toolwatch.v1') && line.includes('"order_status"'));
    return JSON.parse(lines[0] ?? '{}') as Record<string, unknown>;
  };
  const dimensions = { service: 'toolwatch' };
  const total = (name: string) =>
    local.cloud.metrics.statistic({ namespace: 'Toolwatch', name, dimensions }, 'Sum', 0, Date.now() + 60_000)?.value;

  const duplicates = () =>
    local.cloud.logs
      .read('/toolwatch/ingest')
      .reduce((sum, { message }) => sum + (JSON.parse(message).duplicates ?? 0), 0);

  test('that is invalid or a duplicate is counted and skipped, and the valid line beside it is stored', async () => {
    const before = { rejects: total('ingest_rejects') ?? 0, duplicates: duplicates() };
    const { _aws: _, ...record } = validRecord();
    const neighbour = { ...record, name: 'neighbour', event_id: record.event_id, error_message: undefined };
    write(
      'not ours at all',
      JSON.stringify(record).slice(0, 200),
      JSON.stringify({ ...record, schema: 'toolwatch.v9' }),
      JSON.stringify({ ...record, started_at: 'yesterday' }),
      JSON.stringify(record),
      JSON.stringify({
        ...neighbour,
        event_id: '01936f2c-0000-7000-8000-000000000001',
        started_at: record.started_at,
        metadata: { note: 'a\u0000b' },
      }),
    );
    await expect.poll(() => rowsOf('neighbour')).toHaveLength(1);
    await expect.poll(() => total('ingest_rejects')).toBe(before.rejects + 1);
    await expect.poll(duplicates).toBe(before.duplicates + 1);
    expect(await rowsOf('order_status')).toHaveLength(1);
  });

  test('that arrives late is stored, and ingest publishes how late it was', async () => {
    const at = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000).toISOString();
    const event_id = '01936f2c-0000-7000-8000-000000000002';
    write(JSON.stringify({ ...validRecord(), name: 'late', event_id, started_at: at(11), finished_at: at(10) }));
    await expect.poll(() => rowsOf('late')).toHaveLength(1);
    await expect.poll(() => total('ingest_lag_seconds') ?? 0).toBeGreaterThan(599);
    expect(total('ingest_lag_seconds')).toBeLessThan(900);
  });
});

describe('a failing provider', () => {
  const ALARM = 'tool/order_status/failing';
  const notificationsOf = (state: string) =>
    local.events.deliveries.filter(
      ({ protocol, subject, message, outcome }) =>
        protocol !== 'sqs' && outcome === 'delivered' && subject.startsWith(`${state}: `) && message.includes(ALARM),
    );

  test('makes the tool’s alarm fire; pager and inbox are notified then, and again when it is over', async () => {
    local.evaluateAfter(1);
    await fetch(local.shopControlUrl, { method: 'POST', body: JSON.stringify({ path: '/orders/', effect: 'fail' }) });
    // A minute may end between these calls; then neither half is enough for the alarm, but the next round is.
    const countCalls = () => metricOf('order_status', 'error', 'SampleCount') ?? 0;
    const fail = async () => {
      const before = countCalls();
      for (let round = 0; round < 5; round += 1)
        await Promise.all(Array.from({ length: 5 }, () => call('order_status', { order_id: 'A-1042' })));
      await expect.poll(countCalls).toBe(before + 25);
      local.evaluateAfter(1);
      return local.alarmState(ALARM);
    };
    await expect.poll(fail, { timeout: 60_000 }).toBe('ALARM');
    await fetch(local.shopControlUrl, { method: 'DELETE' });
    /** The protocols by which people were notified, after a run of the notifier such as its schedule starts. */
    const notified = async (state: string) => {
      await invoke(local.cloud, 'notify');
      return notificationsOf(state)
        .map(({ protocol }) => protocol)
        .sort();
    };
    await expect.poll(() => notified('ALARM')).toEqual(['email', 'https']);
    const { pages, emails } = await local.get('/local/state');
    const message = JSON.parse(
      pages.find(
        (page: { subject: string; message: string }) =>
          page.subject.startsWith('ALARM: ') && page.message.includes(ALARM),
      ).message,
    );
    expect(message).toMatchObject({ AlarmName: ALARM, NewStateValue: 'ALARM', Region: 'US East (N. Virginia)' });
    expect(emails.some((mail: { message: unknown }) => String(mail.message).includes(ALARM))).toBe(true);

    local.evaluateAfter(5);
    expect(local.alarmState(ALARM)).toBe('OK');
    await expect.poll(() => notified('OK')).toEqual(['email', 'https']);
  });

  test('loses no line, and nothing needed a permission that the template does not grant', () => {
    expect(local.events.refusals).toEqual([]);
    expect(local.events.losses).toEqual([]);
  });
});

describe('lines that the subscription skipped', () => {
  test('are read from the log again and stored once', async () => {
    const storedIds = async () => {
      // Evaluations of alert rules are in the log of refresh.
      const rows = await local.rows(
        "select event_id from analytics.invocations where name not like 'alert-rule/%' order by event_id",
      );
      return rows.map(({ event_id }) => event_id);
    };
    const idIn = (line: string): string | undefined => {
      const parsed = parseRecord(line);
      return isReject(parsed) ? undefined : parsed.event_id;
    };
    const writtenIds = () => local.lines().flatMap((line) => idIn(line) ?? []);
    await expect.poll(storedIds).toEqual([...new Set(writtenIds())].sort());
    await local.rows("delete from analytics.invocations where name = 'order_status'");
    expect((await storedIds()).length).toBeLessThan(writtenIds().length);

    const source = {
      receiver: 'toolwatch-ingest',
      logGroup: '/toolwatch/calls',
      from: new Date(Date.now() - 3_600_000),
      to: new Date(),
    };
    for (const _ of ['once', 'again']) {
      expect(await replayLines(createClients(), source, () => {})).toMatchObject({ refused: 0 });
      expect(await storedIds()).toEqual([...new Set(writtenIds())].sort());
    }
  });
});

describe('while the database is down', () => {
  test('a payload is retained, and a replay stores it later', async () => {
    const folder = join(local.folder, 'postgres');
    const [pid] = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGINT');
    await expect.poll(() => existsSync(join(folder, 'postmaster.pid'))).toBe(false);

    const profile = await call('csv_profile', { csv: 'a,b\n1,2\n' });
    expect(profile.isError ?? false).toBe(false);
    const bucket = bucketNamed(local.cloud, 'keptpayloads');
    const listRetained = () => local.cloud.s3.list({ person: 'operator' }, bucket);
    await expect.poll(listRetained).toHaveLength(1);

    const again = await startPostgres({ folder, port: Number(new URL(local.postgresUrl).port) });
    try {
      const reported: string[] = [];
      const first = await replayRetainedPayloads(createClients(), 'toolwatch-ingest', (payload) =>
        reported.push(payload),
      );
      expect(first).toEqual({ taken: 1, refused: 0 });
      expect(reported).toEqual([expect.stringContaining('aws/lambda/async/toolwatch-ingest/')]);
      expect(await rowsOf('csv_profile')).toHaveLength(1);
      expect(listRetained()).toEqual([]);
      expect(await replayRetainedPayloads(createClients(), 'toolwatch-ingest', () => {})).toEqual({
        taken: 0,
        refused: 0,
      });
    } finally {
      await again.stop();
    }
  });
});
