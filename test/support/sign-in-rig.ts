import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { afterAll } from 'vitest';
import { buildPage } from '../../dashboard/build.ts';
import { createRealClock } from '../../emulator/clock.ts';
import { createJwtAuthorizer } from '../../emulator/http-api/jwt-authorizer.ts';
import type { FrontDoorEnv } from '../../lambdas/contract/env/front-door.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { findOperations } from '../../lambdas/contract/operations.ts';
import { GROUPS_CLAIM, type PageSignIn, TENANT_GROUP } from '../../lambdas/contract/sign-in.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { type OperationHandlers, Operator } from '../../lambdas/operate/operator.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { createCheckedRouter } from './api-rig.ts';
import { testDatabase } from './database.ts';
import { serveFunctionUrl } from './function-url.ts';
import { listen } from './http-server.ts';
import { startSmallCloud } from './small-cloud.ts';
import { anOperator, aPublicClient, aUserPool } from './user-pool.ts';

export const OPERATOR_EMAIL = 'olga@example.com';
export const READER_EMAIL = 'ann@example.com';
/** Whose calls the reader sees, where there are tenants. */
export const READER_TENANT = 'acme';
const READ = 'shop/read';
const MINUTE_MS = 60_000;

const atLocalhost = (url: string): string => url.replace('127.0.0.1', 'localhost');

/**
 * The page and the real routes over a real store, behind an authorizer that accepts the tokens of an issuer at another
 * origin, at which people really sign in.
 */
export const signInRig = async (
  calls: Invocation[],
  foreign: Partial<PageSignIn> = {},
  tenants: FrontDoorEnv['TOOLWATCH_TENANTS'] = 'off',
) => {
  const database = await testDatabase();
  await store(database.as('writer'), calls);
  await refresh(database.as('refresher'));

  let minutesAhead = 0;
  const clock = { ...createRealClock(), now: () => Date.now() + minutesAhead * MINUTE_MS };
  const later: { issuer?: (typeof cloud)['cognito']; answer?: Parameters<typeof serveFunctionUrl>[0] } = {};
  const issuerServer = await listen((request, response) => void later.issuer?.serve(request, response));
  const server = await serveFunctionUrl(async (event, context) => {
    if (!later.answer) throw new Error('not ready');
    return later.answer(event, context);
  });
  const url = atLocalhost(server.url);
  const cloud = await startSmallCloud({
    clock,
    signInUrl: `${atLocalhost(issuerServer.url)}/local/cognito`,
    resources: { ...aUserPool(), ...anOperator(OPERATOR_EMAIL), Page: aPublicClient(`${url}/`) },
    outputs: {
      Pool: { Value: { Ref: 'Pool' } },
      Page: { Value: { Ref: 'Page' } },
      Issuer: { Value: { 'Fn::GetAtt': ['Pool', 'ProviderURL'] } },
    },
  });
  afterAll(() => Promise.all([issuerServer.close(), server.close(), cloud.stop()]));
  const { Pool = '', Page = '', Issuer = '' } = cloud.outputs;
  cloud.cognito.addUser(Pool, READER_EMAIL, [`${TENANT_GROUP}${READER_TENANT}`]);
  later.issuer = cloud.cognito;

  const get = async (address: string) => cloud.cognito.get(address) ?? new Response(null, { status: 404 });
  const authorize = await createJwtAuthorizer({ issuer: Issuer, audience: [Page] }, { clock, get });
  const frontDoor: FrontDoorEnv = { TOOLWATCH_TENANTS: tenants, JWT_ISSUER: Issuer, JWT_GROUPS_CLAIM: GROUPS_CLAIM };
  const api = createCheckedRouter({
    database: database.as('reader'),
    editor: database.as('editor'),
    service: 'toolwatch',
    version: '1',
    frontDoor,
    page: buildPage(),
    signIn: {
      issuer: Issuer,
      client_id: Page,
      scopes: ['openid', 'email', READ],
      parameters: {},
      logout_parameter: 'logout_uri',
      origins: [],
      ...foreign,
    },
    onError: () => {},
  });
  const noAlarms = { perform: async () => ({ alarms: [], total: 0, next: null }) };
  const operator = new Operator({
    handlers: { 'GET /v1/alarms': noAlarms } as unknown as OperationHandlers,
    frontDoor,
    writeAudit: () => {},
    onError: () => {},
  });
  later.answer = async (event: APIGatewayProxyEventV2, context) => {
    if (event.rawPath === '/') return api.resolve(event, context as Context);
    const authorization = await authorize(event.headers.authorization, [READ]);
    if ('status' in authorization) {
      return { statusCode: authorization.status, body: JSON.stringify({ message: 'Unauthorized' }) };
    }
    const requestContext = { ...event.requestContext, authorizer: { jwt: authorization } };
    const request = { ...event, requestContext };
    if (findOperations(event.rawPath).length > 0) return operator.answer(request);
    return api.resolve(request, context as Context);
  };
  return {
    url,
    issuer: Issuer,
    clientId: Page,
    /** The issuer and the authorizer see the time of a while later; the browser does not. */
    advance: (minutes: number) => {
      minutesAhead += minutes;
    },
  };
};
