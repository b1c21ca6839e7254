import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../../emulator/certificate.ts';
import { listen } from '../../support/http-server.ts';
import { startIssuer } from '../../support/issuer.ts';
import { aFunction, baseResources, startSmallCloud } from '../../support/small-cloud.ts';

/** The function behind the API under test: it returns its event. */
const ECHO = `export const handler = async (event) => {
  if (event.rawPath === '/throws') throw new Error('no');
  if (event.rawPath === '/plain') return { plain: true };
  return { statusCode: 201, headers: { 'x-own': 'yes' }, body: JSON.stringify(event) };
};`;
const ARN = { 'Fn::Join': ['', ['arn:aws:execute-api:us-east-1:000000000000:', { Ref: 'Api' }, '/*/*/*']] };
const FORMAT =
  '{"service":"small","status":"$context.status","route":"$context.routeKey","authorizer":"$context.authorizer.error"}';

const resources = (issuer: string, more: Record<string, object | undefined> = {}): Record<string, object> => {
  const ofApi = { ApiId: { Ref: 'Api' } };
  const route = (RouteKey: string, properties: object = {}) => ({
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: { ...ofApi, RouteKey, Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Echo' }]] }, ...properties },
  });
  const withJwt = { AuthorizationType: 'JWT', AuthorizerId: { Ref: 'Jwt' } };
  const all = {
    ...baseResources(),
    echo: aFunction('echo'),
    AccessLog: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/aws/vendedlogs/api' } },
    Throttled: {
      Type: 'AWS::Logs::MetricFilter',
      Properties: {
        LogGroupName: { Ref: 'AccessLog' },
        FilterPattern: '{ $.status = "429" }',
        MetricTransformations: [
          {
            MetricNamespace: 'Own',
            MetricName: 'throttled',
            MetricValue: '1',
            Dimensions: [{ Key: 'service', Value: '$.service' }],
          },
        ],
      },
    },
    Api: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: {
        Name: 'small',
        ProtocolType: 'HTTP',
        CorsConfiguration: {
          AllowOrigins: ['https://app.example.com'],
          AllowMethods: ['GET'],
          AllowHeaders: ['authorization'],
        },
      },
    },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: {
        ...ofApi,
        StageName: '$default',
        AutoDeploy: true,
        DefaultRouteSettings: { ThrottlingRateLimit: 0.01, ThrottlingBurstLimit: 60 },
        AccessLogSettings: { DestinationArn: { 'Fn::GetAtt': ['AccessLog', 'Arn'] }, Format: FORMAT },
      },
    },
    Echo: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ...ofApi,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['echo', 'Arn'] },
        PayloadFormatVersion: '2.0',
      },
    },
    Jwt: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ...ofApi,
        Name: 'Jwt',
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: issuer, Audience: ['toolwatch', 'another'] },
      },
    },
    Open: route('GET /open'),
    Throws: route('GET /throws'),
    Plain: route('GET /plain'),
    Private: route('GET /private', withJwt),
    Scoped: route('GET /scoped/{proxy+}', { ...withJwt, AuthorizationScopes: ['read', 'write'] }),
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: 'echo',
        Principal: 'apigateway.amazonaws.com',
        SourceArn: ARN,
      },
      DependsOn: ['echo'],
    },
    ...more,
  };
  return Object.fromEntries(Object.entries(all).flatMap(([id, resource]) => (resource ? [[id, resource]] : [])));
};

const start = async (
  certificate: Awaited<ReturnType<typeof makeCertificate>>,
  issuer: string,
  more: Record<string, object | undefined> = {},
) => {
  const cloud = await startSmallCloud({
    code: { echo: ECHO },
    trusted: certificate.cert,
    resources: resources(issuer, more),
    outputs: { Url: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } } },
  });
  const serve = cloud.serve(cloud.outputs.Url ?? '');
  if (!serve) throw new Error('the API has no endpoint');
  const server = await listen(serve);
  return {
    cloud,
    request: (path: string, token?: string, init: RequestInit = {}) =>
      fetch(`${server.url}${path}`, {
        ...init,
        headers: { ...(token && { authorization: `Bearer ${token}` }), ...init.headers },
      }),
    stop: async () => {
      await server.close();
      await cloud.stop();
    },
  };
};

let certificate: Awaited<ReturnType<typeof makeCertificate>>;
let issuer: Awaited<ReturnType<typeof startIssuer>>;
let api: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  certificate = await makeCertificate();
  issuer = await startIssuer(certificate);
  api = await start(certificate, issuer.url);
});
afterAll(async () => {
  await api?.stop();
  await issuer?.close();
});

describe('a request', () => {
  test('reaches the function in payload format 2.0, with the claims as text', async () => {
    const claims = { sub: 'ann', scope: 'openid read', groups: ['a', 'b'], level: 3, vip: true, team: null };
    const answer = await api.request('/scoped/a/b?x=1&x=2', await issuer.token(claims));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-own')).toBe('yes');
    const event = (await answer.json()) as { requestContext: { authorizer: { jwt: { claims: object } } } };
    expect(event.requestContext.authorizer.jwt.claims).not.toHaveProperty('team');
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'GET /scoped/{proxy+}',
      rawPath: '/scoped/a/b',
      rawQueryString: 'x=1&x=2',
      queryStringParameters: { x: '1,2' },
      pathParameters: { proxy: 'a/b' },
      requestContext: {
        authorizer: {
          jwt: { claims: { sub: 'ann', groups: '[a b]', level: '3', vip: 'true' }, scopes: ['openid', 'read'] },
        },
        stage: '$default',
        domainName: expect.stringMatching(/^[0-9a-f]{10}\.execute-api\.us-east-1\.amazonaws\.com$/),
      },
    });
  });

  test('to an open route needs no token and has no claims', async () => {
    const event = (await (await api.request('/open', 'invalid')).json()) as { requestContext: object };
    expect(event.requestContext).not.toHaveProperty('authorizer');
  });

  test('is answered with the function’s result as the body when that is not a response', async () => {
    const answer = await api.request('/plain');
    expect([answer.status, await answer.json()]).toEqual([200, { plain: true }]);
  });

  test('whose function fails is answered with 500 and the API’s own message', async () => {
    const answer = await api.request('/throws');
    expect([answer.status, await answer.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  test.each([
    ['GET', '/nowhere'],
    ['POST', '/open'],
  ])('without a route is answered with 404: %s %s', async (method, path) => {
    const answer = await api.request(path, undefined, { method });
    expect([answer.status, await answer.json()]).toEqual([404, { message: 'Not Found' }]);
  });
});

describe('a token', () => {
  const tokens: [string, () => Promise<string> | undefined, string][] = [
    ['that is missing', () => undefined, 'Bearer'],
    ['that is not a JWT', async () => 'invalid', 'invalid_token'],
    ['of another issuer', () => issuer.token({ iss: 'https://other.example.com' }), 'invalid issuer'],
    ['for another audience', () => issuer.token({ aud: 'others' }), 'the token does not have a valid audience'],
    ['for another client', () => issuer.token({ aud: undefined as never, client_id: 'others' }), 'valid audience'],
    ['that has expired', () => issuer.token({ exp: issuer.secondsFromNow(-1) }), 'the token has expired'],
    ['that never expires', () => issuer.token({ exp: undefined as never }), 'invalid_token'],
    ['that is not valid yet', () => issuer.token({ nbf: issuer.secondsFromNow(60) }), 'invalid_token'],
    ['issued in the future', () => issuer.token({ iat: issuer.secondsFromNow(60) }), 'issued in the future'],
    ['signed with another key', () => issuer.forged(), 'invalid_token'],
    ['without a signature', async () => `${(await issuer.token()).split('.').slice(0, 2).join('.')}.`, 'invalid_token'],
  ];
  test.each(tokens)('%s is answered with 401 and the reason', async (_, token, why) => {
    const answer = await api.request('/private', await token());
    expect([answer.status, await answer.json()]).toEqual([401, { message: 'Unauthorized' }]);
    expect(answer.headers.get('www-authenticate')).toContain(why);
  });

  test('is accepted for one of several audiences, or for a listed client', async () => {
    expect((await api.request('/private', await issuer.token({ aud: ['others', 'another'] }))).status).toBe(201);
    const forClient = { aud: undefined as never, client_id: 'toolwatch' };
    expect((await api.request('/private', await issuer.token(forClient))).status).toBe(201);
  });

  test.each([{}, { scope: 'readonly' }, { scp: ['other'] }])(
    'with the scopes of %j is answered with 403',
    async (scopes) => {
      const answer = await api.request('/scoped/a', await issuer.token(scopes));
      expect([answer.status, await answer.json()]).toEqual([403, { message: 'Forbidden' }]);
    },
  );

  test('has scopes that are compared as a whole', async () => {
    for (const scopes of [{ scope: 'x,read' }, { scp: ['a read'] }])
      expect((await api.request('/scoped/a', await issuer.token(scopes))).status).toBe(403);
    const answer = await api.request('/scoped/a', await issuer.token({ scope: 'read x,write' }));
    expect(await answer.json()).toMatchObject({
      requestContext: { authorizer: { jwt: { scopes: ['read', 'x,write'] } } },
    });
  });

  test('has no scopes for a route without them', async () => {
    const answer = await api.request('/private', await issuer.token({ scope: 'read' }));
    expect(await answer.json()).toMatchObject({ requestContext: { authorizer: { jwt: { scopes: null } } } });
  });

  test('is accepted with one of the scopes, in either claim', async () => {
    for (const scopes of [{ scope: 'a write' }, { scp: ['read'] }])
      expect((await api.request('/scoped/a', await issuer.token(scopes))).status).toBe(201);
  });
});

describe('a web page', () => {
  const preflight = { method: 'OPTIONS', headers: { 'access-control-request-method': 'GET' } };

  test('of an allowed origin passes the preflight without a token, and may read the response', async () => {
    const headers = { origin: 'https://app.example.com' };
    const preflightAnswer = await api.request('/private', undefined, {
      ...preflight,
      headers: { ...preflight.headers, ...headers },
    });
    expect(preflightAnswer.status).toBe(204);
    expect(preflightAnswer.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    const answer = await api.request('/private', await issuer.token(), { headers });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
  });

  test('of another origin gets no CORS headers', async () => {
    const headers = { ...preflight.headers, origin: 'https://evil.example.com' };
    const preflightAnswer = await api.request('/private', undefined, { ...preflight, headers });
    expect(preflightAnswer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('each request writes a line to the access log and is counted', async () => {
  await api.request('/private', await issuer.token({ exp: issuer.secondsFromNow(-1) }));
  const lines = api.cloud.logs.read('/aws/vendedlogs/api').map(({ message }) => JSON.parse(message));
  expect(lines).toContainEqual({
    service: 'small',
    status: '401',
    route: 'GET /private',
    authorizer: 'the token has expired',
  });
  expect(lines).toContainEqual({ service: 'small', status: '201', route: 'GET /private', authorizer: '-' });
  const [id] = api.cloud.metrics.find('AWS/ApiGateway', '4xx');
  const sum = (name: string) =>
    id && api.cloud.metrics.statistic({ ...id, name }, 'Sum', 0, Date.now() + 60_000)?.value;
  expect(sum('Count')).toBe(lines.length);
  expect(sum('5xx')).toBe(1);
});

test('requests beyond the throttle are answered with 429, which a metric filter on the access log counts', async () => {
  const throttled = () =>
    api.cloud.metrics.statistic(
      { namespace: 'Own', name: 'throttled', dimensions: { service: 'small' } },
      'Sum',
      0,
      Date.now() + 60_000,
    )?.value;
  expect(throttled()).toBeUndefined();
  let status = 0;
  for (let count = 0; count < 60 && status !== 429; count += 1) status = (await api.request('/open')).status;
  expect(status).toBe(429);
  await expect.poll(throttled).toBe(1);
});

describe('a deployment', () => {
  const permissionFor = (SourceArn: string) => ({
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: 'echo',
        Principal: 'apigateway.amazonaws.com',
        SourceArn,
      },
      DependsOn: ['echo'],
    },
  });

  test.each([
    ['the function’s permission', { Permission: undefined }],
    ['a permission for this API', permissionFor('arn:aws:execute-api:us-east-1:000000000000:another/*/*/*')],
  ])('without %s answers 500, and the refusal is reported', async (_, more) => {
    const broken = await start(certificate, issuer.url, more);
    try {
      expect((await broken.request('/open')).status).toBe(500);
      expect(broken.cloud.events.refusals).toMatchObject([
        { principal: 'apigateway.amazonaws.com', action: 'lambda:InvokeFunction' },
      ]);
    } finally {
      await broken.stop();
    }
  });

  test('with an issuer that does not answer is refused', async () => {
    await expect(start(certificate, 'https://localhost:1')).rejects.toThrow(
      'Caught exception when connecting to https://localhost:1/.well-known/openid-configuration',
    );
  });
});
