import { createHash } from 'node:crypto';
import { type CallToolResult, discoverOAuthProtectedResourceMetadata } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { failuresReport, toolsReport } from '../../lambdas/contract/reports.ts';
import type { HttpApiSettings } from '../../lib/settings/front-door-settings.ts';
import { type SignInSettings, signInSettings } from '../../lib/settings/sign-in-settings.ts';
import { findResource, removeResources, type TemplateEdit } from '../../local/template-edits.ts';
import { listen } from '../support/http-server.ts';
import { startIssuer } from '../support/issuer.ts';
import { connect } from '../support/mcp-client.ts';
import { type CloudEvents, prepareTemplate } from '../support/prepared-template.ts';
import { countErrors, countForwarded, invoke } from '../support/through-cloud.ts';

/** The app's own template behind an HTTP API, called by real clients with tokens of an issuer. */
let template: Awaited<ReturnType<typeof prepareTemplate>>;
let issuer: Awaited<ReturnType<typeof startIssuer>>;
let deployed: Awaited<ReturnType<typeof open>>;

type ForeignIssuer = HttpApiSettings & { jwt: NonNullable<HttpApiSettings['jwt']> };

const httpApi = (): ForeignIssuer => ({
  kind: 'http-api',
  openHealth: false,
  jwt: {
    issuer: issuer.url,
    audience: ['toolwatch'],
    scopes: ['tools.call'],
    tenantClaim: 'tenant',
    operatorScope: 'tools.operate',
  },
  origins: ['https://app.example.com'],
  throttle: { rate: 1_000, burst: 1_000 },
});

/** Runs an edited template until `close`, with a server on this machine in front of it. */
const open = async (prepared: ReturnType<typeof template.withSettings>, edit: TemplateEdit = () => {}) => {
  let ended: Promise<void> | undefined;
  const running = await new Promise<{ cloud: Cloud; events: CloudEvents; close: () => void }>((resolve, reject) => {
    const keepRunning = (cloud: Cloud, events: CloudEvents) =>
      new Promise<void>((close) => resolve({ cloud, events, close }));
    ended = prepared.withEdit(edit, keepRunning);
    ended.catch(reject);
  });
  const { cloud, events } = running;
  const serve = cloud.serve(cloud.outputs.McpUrl ?? '');
  if (!serve) throw new Error('nothing answers at McpUrl');
  const server = await listen(serve);
  const bearer = (token: string | undefined) => (token === undefined ? {} : { authorization: `Bearer ${token}` });
  return {
    cloud,
    events,
    /** The issuer whose tokens the functions expect. */
    issuer: () => cloud.lambda.functionOf('toolwatch-api').latest.configuration.variables.JWT_ISSUER ?? '',
    mcp: `${server.url}/mcp`,
    ask: (path: string, token?: string, headers: Record<string, string> = {}, method = 'GET') =>
      fetch(`${server.url}${path}`, { method, headers: { ...bearer(token), ...headers } }),
    /** Sends an MCP request, and returns the response whatever its status is. */
    post: (token?: string, headers: Record<string, string> = {}) =>
      fetch(`${server.url}/mcp`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...bearer(token),
          ...headers,
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      }),
    /** Calls a tool with the official client. */
    call: async (token: string, name: string, args: Record<string, unknown> = {}): Promise<CallToolResult> => {
      const client = await connect(`${server.url}/mcp`, '2026-07-28', bearer(token));
      try {
        return (await client.callTool({ name, arguments: args })) as CallToolResult;
      } finally {
        await client.close();
      }
    },
    close: async () => {
      running.close();
      await Promise.all([server.close(), ended]);
    },
  };
};

/** A tool that ends its process during one call, in words of the call before it. */
const LATE_REJECTION = `let rejectLater;
export default ({ csv }) => {
  if (rejectLater) return new Promise(() => rejectLater());
  new Promise((_, reject) => {
    rejectLater = () => reject(new Error(csv));
  });
  return { rows: 1 };
};`;
const withLateRejection: TemplateEdit = (resources) => {
  const { Properties } = findResource(resources, 'AWS::Lambda::Function', '"toolwatch-tool-csv_profile"');
  Object.assign(Properties, { Code: { S3Key: 'late-rejection' } });
};

const scope = 'tools.call';
const tokenOf = (tenant: string) => issuer.token({ sub: `ann-of-${tenant}`, scope, tenant });
const contentOf = ({ structuredContent }: CallToolResult) => structuredContent as Record<string, unknown>;
const operator = () => issuer.token({ sub: 'olga', scope: 'tools.operate' });

beforeAll(async () => {
  template = await prepareTemplate({ tenants: true }, { code: { 'late-rejection': LATE_REJECTION } });
  issuer = await startIssuer(template.certificate);
  deployed = await open(template.withSettings({ frontDoor: httpApi() }), withLateRejection);
});
afterAll(async () => {
  await deployed?.close();
  await issuer?.close();
  await template?.clear();
});

describe('a client with a token', () => {
  test('calls a tool, and the line has the user and the tenant of the token', async () => {
    const result = await deployed.call(await tokenOf('acme'), 'order_status', { order_id: 'A-1042' });
    expect(result.isError ?? false).toBe(false);
    const lines = () => deployed.cloud.logs.read('/toolwatch/calls').map(({ message }) => JSON.parse(message));
    await expect
      .poll(lines)
      .toContainEqual(expect.objectContaining({ name: 'order_status', tenant_id: 'acme', user_id: 'ann-of-acme' }));
  });

  test('without a tenant is rejected by the gateway, in MCP’s own form', async () => {
    const answer = await deployed.post(await issuer.token({ scope }));
    expect(answer.status).toBe(403);
    expect((await answer.json()).error.message).toBe(
      'The token names no valid tenant: its claim tenant must hold one.',
    );
  });

  test.each<[string, unknown]>([
    ['nobody’s', 'default'],
    ['everybody’s', '*'],
    ['a number', 42],
    ['true', true],
    ['null', null],
    ['a list', ['acme']],
    ['an object', { id: 'acme' }],
    ['empty', ''],
    ['white space', ' '],
    ['600 characters long', 'x'.repeat(600)],
  ])('whose tenant is %s is rejected, by the gateway and by the API', async (_, tenant) => {
    const token = await issuer.token({ sub: 'ann', scope, tenant });
    expect((await deployed.post(token)).status).toBe(403);
    expect((await deployed.ask('/v1/tools', token)).status).toBe(403);
  });

  test.each(['ann@example.com', '4111111111111111', 'tokens:x'])('may be of the tenant %s', async (tenant) => {
    expect((await deployed.post(await issuer.token({ scope, tenant }))).status).toBe(200);
  });

  test('is no operator by a scope that only contains the operator’s', async () => {
    const token = await issuer.token({ sub: 'ann', scope: 'tools.call x,tools.operate', tenant: 'acme' });
    expect((await deployed.ask('/metrics', token)).status).toBe(403);
    expect((await deployed.ask('/v1/tools', token)).status).toBe(200);
    const list = await issuer.token({ sub: 'ann', scp: ['tools.call', 'x tools.operate'], tenant: 'acme' });
    expect((await deployed.ask('/metrics', list)).status).toBe(403);
  });

  test('reads the API without the body, and learns which methods there are when it writes', async () => {
    const token = await issuer.token({ sub: 'ann', scope, tenant: 'acme' });
    const head = await deployed.ask('/v1/tools', token, {}, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await deployed.ask('/', undefined, {}, 'HEAD')).status).toBe(200);
    const refused = await deployed.ask('/v1/tools', token, {}, 'POST');
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('asks for a token for the endpoint, as the specification says, and is admitted', async () => {
    const { resource = '' } = await discoverOAuthProtectedResourceMetadata(deployed.mcp);
    expect(resource).toBe(deployed.cloud.outputs.McpUrl);
    for (const aud of [resource, [resource, 'others'], new URL(resource).origin])
      expect((await deployed.post(await issuer.token({ scope, tenant: 'acme', aud }))).status).toBe(200);
    const aud = 'https://another.execute-api.us-east-1.amazonaws.com/mcp';
    expect((await deployed.post(await issuer.token({ scope, tenant: 'acme', aud }))).status).toBe(401);
  });

  test('with an expired token learns which scopes callers have, and not the operator’s', async () => {
    const exp = issuer.secondsFromNow(-1);
    const challenge = (await deployed.post(await issuer.token({ scope, exp }))).headers.get('www-authenticate');
    expect(challenge).toContain('scope="tools.call"');
    expect(challenge).not.toContain('operate');
  });

  test('cannot become another tenant through a header', async () => {
    expect((await deployed.post(await tokenOf('acme'), { 'x-tenant-id': 'globex' })).status).toBe(403);
    expect((await deployed.ask('/v1/tools', await tokenOf('acme'), { 'x-tenant-id': 'globex' })).status).toBe(403);
  });
});

describe('the HTTP API rejects a client', () => {
  test.each<[string, () => Promise<string> | undefined, number]>([
    ['without a token', () => undefined, 401],
    ['with a token for another audience', () => issuer.token({ scope, tenant: 'acme', aud: 'others' }), 401],
    ['with an expired token', () => issuer.token({ scope, tenant: 'acme', exp: issuer.secondsFromNow(-1) }), 401],
    ['with a token signed by another issuer', () => issuer.forged({ scope, tenant: 'acme' }), 401],
    ['with a token without the scope', () => issuer.token({ tenant: 'acme' }), 403],
  ])('%s', async (_, token, status) => {
    const given = await token();
    expect((await deployed.post(given)).status).toBe(status);
    for (const path of ['/v1/tools', '/v1/store', '/metrics', '/health', '/anything'])
      expect((await deployed.ask(path, given)).status, path).toBe(status);
  });

  test('but not from the dashboard page, which contains no data and asks for a token', async () => {
    const answer = await deployed.ask('/');
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toContain('order_status');
  });

  test('but not from the metadata in which MCP clients find the issuer', async () => {
    const found = await discoverOAuthProtectedResourceMetadata(deployed.mcp);
    expect(found.authorization_servers).toEqual([issuer.url]);
    expect(found.scopes_supported).toEqual([scope]);
    expect(found.resource).toMatch(/^https:\/\/\w+\.execute-api\.us-east-1\.amazonaws\.com\/mcp$/);
  });
});

describe('a tenant sees only its own calls', () => {
  test('once its calls are stored', async () => {
    await deployed.call(await tokenOf('globex'), 'order_status', { order_id: 'A-99999' });
    await expect.poll(() => countForwarded(deployed.cloud)).toBeGreaterThanOrEqual(2);
    await expect.poll(() => countErrors(deployed.cloud, 'ingest')).toBe(0);
    const stored = () => template.rows("select tenant_id from analytics.invocations where name = 'order_status'");
    await expect.poll(stored).toHaveLength(2);
    expect((await invoke(deployed.cloud, 'refresh')).failed).toBe(false);
  });

  test('through the API', async () => {
    const failuresOf = async (token: string) =>
      failuresReport.parse(await (await deployed.ask('/v1/failures', token)).json()).failures;
    expect(await failuresOf(await tokenOf('acme'))).toEqual([]);
    expect(await failuresOf(await tokenOf('globex'))).toMatchObject([{ tool_name: 'order_status', fault: 'caller' }]);
    expect(await failuresOf(await operator())).toHaveLength(1);
  });

  test('through the telemetry tools', async () => {
    const failuresOf = async (tenant: string) =>
      contentOf(await deployed.call(await tokenOf(tenant), 'recent_failures')).failures;
    expect(await failuresOf('acme')).toEqual([]);
    expect(await failuresOf('globex')).toHaveLength(1);
    expect(await failuresOf('initech')).toEqual([]);
    const health = await deployed.call(await tokenOf('acme'), 'tool_health', { tool: 'order_status' });
    expect(contentOf(health).tools).toMatchObject([{ tool_name: 'order_status', total_invocations: 1 }]);
  });

  test('and of a crash only how it ended: the words are those of another tenant', async () => {
    const words = 'the words of acme';
    expect(contentOf(await deployed.call(await tokenOf('acme'), 'csv_profile', { csv: words }))).toEqual({ rows: 1 });
    const killed = await deployed.call(await tokenOf('globex'), 'csv_profile', { csv: 'a,b' });
    expect(killed.isError).toBe(true);
    const failureOf = async (token: string) =>
      failuresReport.parse(await (await deployed.ask('/v1/failures?tool=csv_profile', token)).json()).failures.at(0);
    await expect.poll(async () => failureOf(await operator())).toBeDefined();
    const seen = { error_type: 'Runtime.UnhandledPromiseRejection', fault: 'ours' };
    expect(await failureOf(await tokenOf('globex'))).toMatchObject({ ...seen, error_message: null });
    expect(await failureOf(await operator())).toMatchObject({
      ...seen,
      error_message: "An unhandled rejection ended the function's process during the call",
    });
    const lines = deployed.cloud.logs
      .read('/toolwatch/calls')
      .filter(({ message }) => message.includes('toolwatch.v1'));
    expect(JSON.stringify([killed, lines])).not.toContain(words);
  });

  test('and the operator sees those of all tenants, and the metrics', async () => {
    const token = await operator();
    const { tools } = toolsReport.parse(await (await deployed.ask('/v1/tools', token)).json());
    expect(tools.find(({ tool_name }) => tool_name === 'order_status')?.total_invocations).toBe(2);
    expect((await deployed.ask('/metrics', token)).status).toBe(200);
    expect((await deployed.ask('/metrics', await tokenOf('acme'))).status).toBe(403);
  });
});

test('every request had the permissions it needed, and left an access log line without its token', async () => {
  expect([deployed.events.refusals, deployed.events.losses]).toEqual([[], []]);
  const token = await tokenOf('acme');
  await deployed.ask('/v1/tools?x=1', token);
  const lines = deployed.cloud.logs.read('/aws/vendedlogs/toolwatch/front-door').map(({ message }) => message);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ route: 'GET /{proxy+}', path: '/v1/tools', status: '400' });
  expect(lines.join()).not.toMatch(/eyJ|ann-of/);
});

describe('with the issuer that the stack makes', () => {
  const machines: SignInSettings['machines'] = [
    { name: 'prometheus', may: ['metrics'] },
    { name: 'caller', may: ['call'] },
    { name: 'reader', may: ['read'] },
    { name: 'auditor', may: ['operate'] },
  ];
  const ownIssuer = (): HttpApiSettings => {
    const { jwt: _, ...door } = httpApi();
    return { ...door, openHealth: true, signIn: signInSettings.parse({ machines, firstUser: 'olga@example.com' }) };
  };
  let own: Awaited<ReturnType<typeof open>>;
  let issuerServer: Awaited<ReturnType<typeof listen>>;
  beforeAll(async () => {
    own = await open(template.withSettings({ frontDoor: ownIssuer() }));
    issuerServer = await listen((request, response) => void own.cloud.cognito.serve(request, response));
    own.cloud.cognito.addUser(pool(), 'ann@acme.example', ['tenant:acme']);
    own.cloud.cognito.addUser(pool(), 'nobody@example.com');
  });
  afterAll(async () => {
    await issuerServer?.close();
    await own?.close();
  });
  const pool = () => own.cloud.outputs.UserPoolId ?? '';
  const machineToken = (output: string) =>
    own.cloud.cognito.tokenOfMachine(pool(), own.cloud.outputs[`${output}ClientId`] ?? '');
  /** The status of each path with a token. */
  const statuses = async (token: string | undefined, paths: string[]) =>
    Object.fromEntries(await Promise.all(paths.map(async (path) => [path, (await own.ask(path, token)).status])));
  const PATHS = ['/metrics', '/v1/tools', '/v1/store', '/health', '/v1/monitoring/metrics', '/metrics/', '/metrics/x'];

  /** Signs in by the pages of the issuer as an MCP client does, with PKCE, for the address of the endpoint. */
  const signInAs = async (username: string, resource?: string): Promise<string> => {
    const { authorization_endpoint = '', token_endpoint = '' } = await (
      own.cloud.cognito.get(`${own.issuer()}/.well-known/openid-configuration`) ?? new Response('{}')
    ).json();
    const here = (address: string) => new URL(new URL(address).pathname, issuerServer.url);
    const verifier = 'a-verifier-that-is-long-enough-for-the-specification';
    const client = { client_id: own.cloud.outputs.McpClientId ?? '', redirect_uri: 'http://localhost:8080/callback' };
    const query = new URLSearchParams({
      ...client,
      response_type: 'code',
      scope: 'toolwatch/call',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...(resource && { resource }),
    });
    const login = here(authorization_endpoint.replace('/oauth2/authorize', '/login'));
    const body = new URLSearchParams({ username });
    const answer = await fetch(`${login}?${query}`, { method: 'POST', redirect: 'manual', body });
    const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const form = { ...client, grant_type: 'authorization_code', code, code_verifier: verifier };
    const tokens = await fetch(here(token_endpoint), { method: 'POST', body: new URLSearchParams(form) });
    return (await tokens.json()).access_token;
  };

  test('a machine for the metrics reads them and nothing else', async () => {
    const token = await machineToken('Prometheus');
    const found = await statuses(token, PATHS);
    expect(found).toEqual(Object.fromEntries(PATHS.map((path) => [path, path === '/metrics' ? 200 : 403])));
    expect((await own.ask('/metrics', token, {}, 'HEAD')).status).toBe(200);
    expect((await own.ask('/metrics', token, {}, 'POST')).status).toBe(403);
    expect((await own.post(token)).status).toBe(403);
  });

  test('every other machine has the right that the settings give it, and only that', async () => {
    const paths = ['/v1/tools', '/v1/store', '/metrics'];
    expect(await statuses(await machineToken('Caller'), paths)).toEqual({
      '/v1/tools': 403,
      '/v1/store': 403,
      '/metrics': 403,
    });
    // It belongs to no tenant.
    expect(await statuses(await machineToken('Reader'), paths)).toEqual({
      '/v1/tools': 403,
      '/v1/store': 403,
      '/metrics': 403,
    });
    expect(await statuses(await machineToken('Auditor'), paths)).toEqual({
      '/v1/tools': 200,
      '/v1/store': 200,
      '/metrics': 200,
    });
    expect((await own.post(await machineToken('Auditor'))).status).toBe(403);
  });

  test('MCP clients find it, and a person calls tools as their tenant, by a token for the endpoint', async () => {
    const found = await discoverOAuthProtectedResourceMetadata(own.mcp);
    expect(found).toMatchObject({ authorization_servers: [own.issuer()], scopes_supported: ['toolwatch/call'] });
    const token = await signInAs('ann@acme.example', found.resource);
    expect((await own.call(token, 'order_status', { order_id: 'A-1042' })).isError ?? false).toBe(false);
    const lines = () => own.cloud.logs.read('/toolwatch/calls').map(({ message }) => JSON.parse(message));
    await expect.poll(lines).toContainEqual(expect.objectContaining({ name: 'order_status', tenant_id: 'acme' }));
    expect((await own.ask('/v1/tools', token)).status).toBe(403);
  });

  test('the first user is an operator, and who is in no group sees nothing', async () => {
    expect((await own.post(await signInAs('olga@example.com'))).status).toBe(200);
    const refused = await own.post(await signInAs('nobody@example.com'));
    expect(refused.status).toBe(403);
    expect((await refused.json()).error.message).toMatch(/^You belong to no tenant\. An operator can add you/);
  });

  test('a load balancer is answered a status and no more', async () => {
    expect(await (await own.ask('/health/live')).json()).toEqual({ status: 'ok' });
    expect(Object.keys(await (await own.ask('/health/ready')).json())).toEqual(['status']);
    expect((await own.ask('/health/ready', undefined, {}, 'HEAD')).status).toBe(200);
    for (const path of ['/health', '/health/live/x', '/health/']) expect((await own.ask(path)).status, path).toBe(401);
    expect((await own.ask('/health/live', undefined, {}, 'POST')).status).toBe(401);
  });

  test('the page says how to sign in, and connects to its issuer only', async () => {
    const answer = await own.ask('/');
    const html = await answer.text();
    expect(html).toContain('&quot;logout_parameter&quot;:&quot;logout_uri&quot;');
    expect(html).toContain(`&quot;client_id&quot;:&quot;`);
    expect(answer.headers.get('content-security-policy')).toContain(
      "connect-src 'self' http://localhost https://toolwatch-000000000000.auth.us-east-1.amazoncognito.com;",
    );
  });
});

describe('a broken HTTP API rejects requests', () => {
  test('without API Gateway’s permission to call the gateway', async () => {
    const edit = removeResources('AWS::Lambda::Permission', 'execute-api');
    const broken = await open(template.withSettings({ frontDoor: httpApi() }), edit);
    try {
      expect((await broken.post(await tokenOf('acme'))).status).toBe(500);
      expect(broken.events.refusals).toMatchObject([{ principal: 'apigateway.amazonaws.com' }]);
    } finally {
      await broken.close();
    }
  });

  test('when a route has lost its authorizer: the functions check the token themselves', async () => {
    const edit: TemplateEdit = (resources) => {
      for (const key of ['"POST /mcp"', '"GET /{proxy+}"']) {
        Object.assign(findResource(resources, 'AWS::ApiGatewayV2::Route', key).Properties, {
          AuthorizationType: 'NONE',
        });
      }
    };
    const broken = await open(template.withSettings({ frontDoor: httpApi() }), edit);
    try {
      const answer = await broken.post(undefined, { 'x-tenant-id': 'acme' });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(
        /^Bearer resource_metadata="https:\/\/\S+\/\.well-known\/oauth-protected-resource\/mcp"$/,
      );
      expect((await broken.ask('/v1/tools', undefined, { 'x-tenant-id': 'acme' })).status).toBe(401);
    } finally {
      await broken.close();
    }
  });
});

test('with a custom domain and without tenants, it answers only there and accepts no tenant', async () => {
  const { tenantClaim: _, operatorScope: __, ...jwt } = httpApi().jwt;
  const domain = {
    name: 'tools.example.com',
    certificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/0a1b2c3d-0000-4000-8000-000000000000',
    hostedZoneName: 'example.com',
  };
  const withDomain = await open(template.withSettings({ tenants: false, frontDoor: { ...httpApi(), jwt, domain } }));
  try {
    expect(withDomain.cloud.outputs).toMatchObject({
      McpUrl: 'https://tools.example.com/mcp',
      ApiUrl: 'https://tools.example.com/',
    });
    const token = await issuer.token({ scope });
    expect((await withDomain.post(token, { origin: 'https://tools.example.com' })).status).toBe(200);
    expect((await withDomain.post(token, { origin: 'https://app.example.com' })).status).toBe(200);
    expect((await withDomain.post(token, { origin: 'https://evil.example.com' })).status).toBe(403);
    expect((await withDomain.ask('/v1/tools', token)).status).toBe(200);
    expect((await withDomain.ask('/v1/tools', token, { 'x-tenant-id': 'acme' })).status).toBe(400);
    expect((await discoverOAuthProtectedResourceMetadata(withDomain.mcp)).resource).toBe(
      'https://tools.example.com/mcp',
    );
  } finally {
    await withDomain.close();
  }
});
