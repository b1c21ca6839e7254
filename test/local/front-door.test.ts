import { type CallToolResult, discoverOAuthProtectedResourceMetadata } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { failuresReport, toolsReport } from '../../lambdas/contract/reports.ts';
import type { HttpApiSettings } from '../../lib/settings/front-door-settings.ts';
import { findResource, removeResources, type TemplateEdit } from '../../local/template-edits.ts';
import { listen } from '../support/http-server.ts';
import { startIssuer } from '../support/issuer.ts';
import { connect } from '../support/mcp-client.ts';
import { type CloudEvents, prepareTemplate } from '../support/prepared-template.ts';
import { errors, forwarded, invoke } from '../support/through-cloud.ts';

/** The app's own template behind its second front door, met by real clients with an issuer's tokens. */
let table: Awaited<ReturnType<typeof prepareTemplate>>;
let issuer: Awaited<ReturnType<typeof startIssuer>>;
let house: Awaited<ReturnType<typeof open>>;

const door = (): HttpApiSettings => ({
  kind: 'http-api',
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

/** Runs the template as a cut leaves it until `close`, with a server in front of each of its outputs. */
const open = async (under: ReturnType<typeof table.under>, cut: TemplateEdit = () => {}) => {
  let ended: Promise<void> | undefined;
  const running = await new Promise<{ cloud: Cloud; told: CloudEvents; close: () => void }>((resolve, reject) => {
    const look = (cloud: Cloud, told: CloudEvents) => new Promise<void>((close) => resolve({ cloud, told, close }));
    ended = under.without(cut, look);
    ended.catch(reject);
  });
  const { cloud, told } = running;
  const serve = cloud.serve(cloud.outputs.McpUrl ?? '');
  if (!serve) throw new Error('nobody answers at McpUrl');
  const server = await listen(serve);
  const bearer = (token: string | undefined) => (token === undefined ? {} : { authorization: `Bearer ${token}` });
  return {
    cloud,
    told,
    mcp: `${server.url}/mcp`,
    ask: (path: string, token?: string, headers: Record<string, string> = {}) =>
      fetch(`${server.url}${path}`, { headers: { ...bearer(token), ...headers } }),
    /** Posts what a client would, and gives the answer whatever it is. */
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

const scope = 'tools.call';
const tokenOf = (tenant: string) => issuer.token({ sub: `ann-of-${tenant}`, scope, tenant });
const contentOf = ({ structuredContent }: CallToolResult) => structuredContent as Record<string, unknown>;
const operator = () => issuer.token({ sub: 'olga', scope: 'tools.operate' });

beforeAll(async () => {
  table = await prepareTemplate({ tenants: true });
  issuer = await startIssuer(table.certificate);
  house = await open(table.under({ frontDoor: door() }));
});
afterAll(async () => {
  await house?.close();
  await issuer?.close();
  await table?.clear();
});

describe('a client with a token', () => {
  test('calls a tool, and its line belongs to the user and the tenant of the token', async () => {
    const result = await house.call(await tokenOf('acme'), 'order_status', { order_id: 'A-1042' });
    expect(result.isError ?? false).toBe(false);
    const lines = () => house.cloud.logs.read('/toolwatch/calls').map(({ message }) => JSON.parse(message));
    await expect
      .poll(lines)
      .toContainEqual(expect.objectContaining({ name: 'order_status', tenant_id: 'acme', user_id: 'ann-of-acme' }));
  });

  test('of no tenant is refused by the gateway, in MCP’s own form', async () => {
    const answer = await house.post(await issuer.token({ scope }));
    expect(answer.status).toBe(403);
    expect((await answer.json()).error.message).toBe(
      'The token names no valid tenant: its claim tenant must hold one.',
    );
  });

  test('cannot become another tenant by a header', async () => {
    expect((await house.post(await tokenOf('acme'), { 'x-tenant-id': 'globex' })).status).toBe(403);
    expect((await house.ask('/v1/tools', await tokenOf('acme'), { 'x-tenant-id': 'globex' })).status).toBe(403);
  });
});

describe('a client is turned away at the door', () => {
  test.each<[string, () => Promise<string> | undefined, number]>([
    ['without a token', () => undefined, 401],
    ['with a token for somebody else', () => issuer.token({ scope, tenant: 'acme', aud: 'others' }), 401],
    ['with one that has expired', () => issuer.token({ scope, tenant: 'acme', exp: issuer.secondsFromNow(-1) }), 401],
    ['with one that somebody else signed', () => issuer.forged({ scope, tenant: 'acme' }), 401],
    ['with one that lacks the scope', () => issuer.token({ tenant: 'acme' }), 403],
  ])('%s', async (_, token, status) => {
    const given = await token();
    expect((await house.post(given)).status).toBe(status);
    for (const path of ['/v1/tools', '/v1/store', '/metrics', '/health', '/anything'])
      expect((await house.ask(path, given)).status, path).toBe(status);
  });

  test('but for the page, which holds nothing of anybody, and asks for a token itself', async () => {
    const answer = await house.ask('/');
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toContain('order_status');
  });

  test('and finds the issuer all the same, as MCP’s clients look for it', async () => {
    const found = await discoverOAuthProtectedResourceMetadata(house.mcp);
    expect(found.authorization_servers).toEqual([issuer.url]);
    expect(found.scopes_supported).toEqual([scope]);
    expect(found.resource).toMatch(/^https:\/\/\w+\.execute-api\.us-east-1\.amazonaws\.com\/mcp$/);
  });
});

describe('a tenant sees its own calls only', () => {
  test('once its calls are stored', async () => {
    await house.call(await tokenOf('globex'), 'order_status', { order_id: 'A-99999' });
    await expect.poll(() => forwarded(house.cloud)).toBeGreaterThanOrEqual(2);
    await expect.poll(() => errors(house.cloud, 'ingest')).toBe(0);
    const stored = () => table.rows("select tenant_id from analytics.invocations where name = 'order_status'");
    await expect.poll(stored).toHaveLength(2);
    expect((await invoke(house.cloud, 'refresh')).failed).toBe(false);
  });

  test('through the API', async () => {
    const failuresOf = async (token: string) =>
      failuresReport.parse(await (await house.ask('/v1/failures', token)).json()).failures;
    expect(await failuresOf(await tokenOf('acme'))).toEqual([]);
    expect(await failuresOf(await tokenOf('globex'))).toMatchObject([{ tool_name: 'order_status', fault: 'caller' }]);
    expect(await failuresOf(await operator())).toHaveLength(1);
  });

  test('through the tools that tell of tools', async () => {
    const failuresOf = async (tenant: string) =>
      contentOf(await house.call(await tokenOf(tenant), 'recent_failures')).failures;
    expect(await failuresOf('acme')).toEqual([]);
    expect(await failuresOf('globex')).toHaveLength(1);
    expect(await failuresOf('initech')).toEqual([]);
    const health = await house.call(await tokenOf('acme'), 'tool_health', { tool: 'order_status' });
    expect(contentOf(health).tools).toMatchObject([{ tool_name: 'order_status', total_invocations: 1 }]);
  });

  test('and who runs the tools sees all, and what is told of all at once', async () => {
    const token = await operator();
    const { tools } = toolsReport.parse(await (await house.ask('/v1/tools', token)).json());
    expect(tools.find(({ tool_name }) => tool_name === 'order_status')?.total_invocations).toBe(2);
    expect((await house.ask('/metrics', token)).status).toBe(200);
    expect((await house.ask('/metrics', await tokenOf('acme'))).status).toBe(403);
  });
});

test('nobody needed a right the template does not give, and each request left a line without its token', async () => {
  expect([house.told.refusals, house.told.losses]).toEqual([[], []]);
  const token = await tokenOf('acme');
  await house.ask('/v1/tools?x=1', token);
  const lines = house.cloud.logs.read('/aws/vendedlogs/toolwatch/front-door').map(({ message }) => message);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ route: 'GET /{proxy+}', path: '/v1/tools', status: '400' });
  expect(lines.join()).not.toMatch(/eyJ|ann-of/);
});

describe('the door does not open', () => {
  test('without API Gateway’s permission to call the gateway', async () => {
    const cut = removeResources('AWS::Lambda::Permission', 'execute-api');
    const broken = await open(table.under({ frontDoor: door() }), cut);
    try {
      expect((await broken.post(await tokenOf('acme'))).status).toBe(500);
      expect(broken.told.refusals).toMatchObject([{ principal: 'apigateway.amazonaws.com' }]);
    } finally {
      await broken.close();
    }
  });

  test('when a route has lost its authorizer: the functions say so themselves', async () => {
    const cut: TemplateEdit = (resources) => {
      for (const key of ['"POST /mcp"', '"GET /{proxy+}"']) {
        Object.assign(findResource(resources, 'AWS::ApiGatewayV2::Route', key).Properties, {
          AuthorizationType: 'NONE',
        });
      }
    };
    const broken = await open(table.under({ frontDoor: door() }), cut);
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

test('under a name of our own, without tenants, it answers there only, and knows of no tenant', async () => {
  const { tenantClaim: _, operatorScope: __, ...jwt } = door().jwt;
  const domain = {
    name: 'tools.example.com',
    certificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/0a1b2c3d-0000-4000-8000-000000000000',
    hostedZoneName: 'example.com',
  };
  const named = await open(table.under({ tenants: false, frontDoor: { ...door(), jwt, domain } }));
  try {
    expect(named.cloud.outputs).toMatchObject({
      McpUrl: 'https://tools.example.com/mcp',
      ApiUrl: 'https://tools.example.com/',
    });
    const token = await issuer.token({ scope });
    expect((await named.post(token, { origin: 'https://tools.example.com' })).status).toBe(200);
    expect((await named.post(token, { origin: 'https://app.example.com' })).status).toBe(200);
    expect((await named.post(token, { origin: 'https://evil.example.com' })).status).toBe(403);
    expect((await named.ask('/v1/tools', token)).status).toBe(200);
    expect((await named.ask('/v1/tools', token, { 'x-tenant-id': 'acme' })).status).toBe(400);
    expect((await discoverOAuthProtectedResourceMetadata(named.mcp)).resource).toBe('https://tools.example.com/mcp');
  } finally {
    await named.close();
  }
});
