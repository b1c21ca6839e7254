import { beforeAll, describe, expect, test } from 'vitest';
import { CALL_CONTEXT_KEY, callContext } from '../../../lambdas/contract/call-context.ts';
import { createGatewayFrom } from '../../../lambdas/gateway/index.ts';
import { catalogueOf } from '../../../lib/tools/catalogue.ts';
import { aRequest } from '../../support/a-request.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { exampleTools } from '../../support/example-tools.ts';
import { FUNCTION_ENV, gatewayRig } from '../../support/gateway-rig.ts';

/** The gateway behind a front door that verifies tokens, called with the events that such a front door passes on. */
const rig = gatewayRig();
const lines = captureLines();
const DOMAIN = 'tools.example.com';
let gateway: ReturnType<typeof createGatewayFrom>;
beforeAll(() => {
  const jwt = { JWT_ISSUER: 'https://issuer.example.com/', JWT_TENANT_CLAIM: 'tenant', JWT_SCOPES: 'tools.call' };
  const frontDoor = { FRONT_DOOR_DOMAIN: DOMAIN, BROWSER_ORIGINS: 'https://app.example.com' };
  const environment = { ...FUNCTION_ENV, ...jwt, ...frontDoor, TOOLWATCH_TENANTS: 'on' };
  gateway = createGatewayFrom({ ...environment, TOOL_FUNCTION_PREFIX: 'toolwatch-tool-' }, catalogueOf(exampleTools));
});

const handle = (request: Parameters<typeof aRequest>[0]) =>
  gateway(aRequest({ domainName: DOMAIN, ...request }), {
    awsRequestId: 'r',
    getRemainingTimeInMillis: () => 28_000,
  });
const orderStatus = {
  method: 'POST',
  path: '/mcp',
  body: {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'order_status', arguments: { order_id: 'A-1042' } },
  },
};
const mcpHeaders = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const acmeClaims = { sub: 'ann', tenant: 'acme' };

test('a call belongs to the user and the tenant of the token, on its line and in the tool', async () => {
  const headers = { ...mcpHeaders, 'x-user-id': 'mallory', 'x-tenant-id': 'acme' };
  expect((await handle({ ...orderStatus, headers, claims: acmeClaims })).statusCode).toBe(200);
  expect(lines.records()).toMatchObject([{ name: 'order_status', tenant_id: 'acme', user_id: 'ann' }]);
  const sent = callContext.parse(JSON.parse(rig.invoked().at(-1)?.clientContext.custom[CALL_CONTEXT_KEY] ?? ''));
  expect(sent).toMatchObject({ tenant_id: 'acme', user_id: 'ann' });
});

test('a header cannot choose another tenant, and the attempt is recorded as the caller’s fault', async () => {
  const headers = { ...mcpHeaders, 'x-tenant-id': 'other' };
  expect((await handle({ ...orderStatus, headers, claims: acmeClaims })).statusCode).toBe(403);
  expect(lines.records()).toMatchObject([{ kind: 'http', error_code: 'UNAUTHORIZED', fault: 'caller' }]);
});

test('a signed request cannot call as the tenant of calls without one', async () => {
  const signed = createGatewayFrom(
    { ...FUNCTION_ENV, TOOLWATCH_TENANTS: 'on', TOOL_FUNCTION_PREFIX: 'toolwatch-tool-' },
    catalogueOf(exampleTools),
  );
  const headers = { ...mcpHeaders, 'x-tenant-id': 'default' };
  const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 28_000 };
  expect((await signed(aRequest({ ...orderStatus, headers }), context)).statusCode).toBe(400);
  expect(lines.records()).toMatchObject([{ kind: 'http', fault: 'caller' }]);
});

test('a request without a token is answered with where to learn whose tokens to send', async () => {
  const { statusCode, headers } = await handle({ ...orderStatus, headers: mcpHeaders });
  expect(statusCode).toBe(401);
  expect(headers?.['www-authenticate']).toBe(
    `Bearer resource_metadata="https://${DOMAIN}/.well-known/oauth-protected-resource/mcp"`,
  );
});

describe('discovery', () => {
  test.each(['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'])(
    '%s says whose tokens to send, without a token',
    async (path) => {
      const { statusCode, body } = await handle({ path });
      expect(statusCode).toBe(200);
      expect(JSON.parse(body ?? '')).toEqual({
        resource: `https://${DOMAIN}/mcp`,
        authorization_servers: ['https://issuer.example.com/'],
        scopes_supported: ['tools.call'],
        bearer_methods_supported: ['header'],
      });
    },
  );

  test('does not exist where IAM admits callers', async () => {
    const answer = await fetch(new URL('/.well-known/oauth-protected-resource', rig.url()));
    expect(answer.status).toBe(404);
  });
});

describe('a web page', () => {
  const from = (origin: string, domainName = DOMAIN) =>
    handle({ ...orderStatus, headers: { ...mcpHeaders, origin }, claims: acmeClaims, domainName });

  test.each([`https://${DOMAIN}`, 'https://app.example.com', 'http://localhost:6274'])(
    'of %s may call',
    async (origin) => {
      expect((await from(origin)).statusCode).toBe(200);
    },
  );

  test.each(['https://evil.example.com', 'http://app.example.com', 'https://app.example.com.evil.example', 'null'])(
    'of %s may not',
    async (origin) => {
      expect((await from(origin)).statusCode).toBe(403);
    },
  );

  test.each([
    'a1b2c3.lambda-url.eu-west-1.on.aws',
    'a1b2c3.lambda-url.cn-north-1.on.amazonwebservices.com.cn',
    'a1b2c3.execute-api.us-gov-west-1.amazonaws.com',
    'a1b2c3.execute-api.cn-north-1.amazonaws.com.cn',
    'a1b2c3.execute-api.eusc-de-east-1.amazonaws.eu',
    'a1b2c3.execute-api.us-iso-east-1.c2s.ic.gov',
  ])('of the host name %s, which AWS assigned in one of its partitions, may call', async (name) => {
    expect((await from(`https://${name}`, name)).statusCode).toBe(200);
    const rebound = `${name}.evil.example`;
    expect((await from(`https://${rebound}`, rebound)).statusCode).toBe(403);
  });

  test('is not our own only because a foreign host name leads here', async () => {
    expect((await from('https://rebound.example', 'rebound.example')).statusCode).toBe(403);
  });
});
