import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../lambdas/contract/operations.ts';
import { signInPrefix } from '../../lib/front-door/sign-in-prefix.ts';
import type { SettingsInput } from '../../lib/settings.ts';
import { aTool, ofType, type Resources, synthesize } from '../support/synthesized.ts';

const jwt = { issuer: 'https://issuer.example.com/', audience: ['toolwatch'], scopes: ['tools.call'] };
const domain = {
  name: 'tools.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000',
};
const httpApi = (more: object = {}, settings: SettingsInput = {}) =>
  synthesize({ ...settings, frontDoor: { kind: 'http-api', jwt, ...more } });
const only = (resources: Resources, type: string) => {
  const found = ofType(resources, type);
  if (!found[0] || found.length > 1) throw new Error(`There are ${found.length} resources of the type ${type}`);
  return found[0].Properties;
};
const variablesOf = (resources: Resources, name: string): Record<string, string> =>
  ofType(resources, 'AWS::Lambda::Function').find(({ Properties }) => Properties.FunctionName === `toolwatch-${name}`)
    ?.Properties.Environment.Variables;
const routesOf = (resources: Resources) =>
  ofType(resources, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties);

describe('Function URLs', () => {
  const { resources, outputs } = synthesize({ frontDoor: { kind: 'function-url' } });

  test('for IAM are all endpoints, and there is no HTTP API and nobody to sign in', () => {
    const urls = ofType(resources, 'AWS::Lambda::Url');
    expect(urls.map(({ Properties }) => Properties.AuthType)).toEqual(['AWS_IAM', 'AWS_IAM', 'AWS_IAM']);
    expect(ofType(resources, 'AWS::ApiGatewayV2::Api', 'AWS::Cognito::UserPool')).toEqual([]);
    expect(outputs).toEqual(expect.arrayContaining(['McpUrl', 'ApiUrl', 'OperateUrl']));
  });

  test('take changes of jobs only where something makes jobs', () => {
    expect(variablesOf(resources, 'api')).not.toHaveProperty('JOB_ATTEMPTS');
    const { resources: withJobs } = synthesize({ jobs: { attempts: 3 }, frontDoor: { kind: 'function-url' } });
    expect(variablesOf(withJobs, 'api')).toMatchObject({ JOB_ATTEMPTS: '3' });
  });

  test('cannot be opened by a browser, so messages have no link to the page', () => {
    expect(JSON.stringify(variablesOf(resources, 'notify').NOTICE_LINKS)).not.toContain('page');
  });

  test('have no tenants unless the settings say so, and no issuer', () => {
    for (const name of ['gateway', 'api', 'tool-place_order'])
      expect(variablesOf(resources, name).TOOLWATCH_TENANTS, name).toBe('off');
    for (const name of ['gateway', 'api']) expect(variablesOf(resources, name).JWT_ISSUER).toBeUndefined();
  });
});

/** As API Gateway writes parameters of a path. */
const ROUTES = Object.keys(OPERATIONS).map((name) => name.replace(/:(\w+)/g, '{$1}'));

describe('the routes of the operator', () => {
  const operated = (resources: Resources) => routesOf(resources).filter(({ RouteKey }) => ROUTES.includes(RouteKey));

  test.each<[string, Resources, unknown[]]>([
    ['its scope', httpApi({ jwt: { ...jwt, operatorScope: 'tools.operate' } }).resources, ['tools.operate']],
    [
      'those who read, of whom the function finds the operators by group',
      synthesize().resources,
      [expect.stringContaining('/read'), expect.stringContaining('/operate')],
    ],
  ])('admit %s', (_, resources, scopes) => {
    const routes = operated(resources);
    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual([...ROUTES].sort());
    for (const { AuthorizationScopes, AuthorizationType } of routes) {
      expect(AuthorizationType).toBe('JWT');
      expect(
        AuthorizationScopes.map((scope: unknown) => (typeof scope === 'string' ? scope : JSON.stringify(scope))),
      ).toEqual(scopes);
    }
  });

  test('do not exist where no token can be the operator’s', () => {
    const { resources, outputs } = httpApi();
    expect(operated(resources)).toEqual([]);
    expect(outputs).not.toContain('OperateUrl');
  });
});

describe('by default', () => {
  const emails = ['oncall@example.com', 'second@example.com'];
  const signedIn = (signIn: object = {}, settings: SettingsInput = {}) =>
    synthesize({
      alerts: { critical: { emails } },
      ...settings,
      frontDoor: { kind: 'http-api', signIn },
    });
  const { resources, outputs, templates } = synthesize({ alerts: { critical: { emails } } });
  const clientsOf = (all: Resources) =>
    Object.fromEntries(
      ofType(all, 'AWS::Cognito::UserPoolClient').map(({ Properties }) => [Properties.ClientName, Properties]),
    );
  const rightsOf = ({ AllowedOAuthScopes }: { AllowedOAuthScopes: unknown[] }) =>
    AllowedOAuthScopes.map((scope) => (typeof scope === 'string' ? scope : JSON.stringify(scope).match(/\/\w+/)?.[0]));
  const endpoint = { 'Fn::GetAtt': [expect.stringMatching(/^FrontDoorApi/), 'ApiEndpoint'] };
  const page = { 'Fn::Join': ['', [endpoint, '/']] };

  test('an HTTP API accepts the tokens of a user pool of the stack', () => {
    const { Issuer, Audience } = only(resources, 'AWS::ApiGatewayV2::Authorizer').JwtConfiguration;
    expect(Issuer).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^PeoplePool/), 'ProviderURL'] });
    // Access tokens of Cognito have no audience but that of their client.
    expect(Audience.slice(0, 2)).toEqual([
      { Ref: expect.stringMatching(/^PeoplePoolPage/) },
      { Ref: expect.stringMatching(/^PeoplePoolClients/) },
    ]);
    for (const name of ['gateway', 'api']) expect(variablesOf(resources, name).JWT_ISSUER).toEqual(Issuer);
    expect(outputs).toEqual(expect.arrayContaining(['McpUrl', 'ApiUrl', 'UserPoolId', 'McpClientId', 'TokenUrl']));
  });

  test('messages link to the page', () => {
    const links = JSON.stringify(variablesOf(resources, 'notify').NOTICE_LINKS);
    expect(links).toMatch(/\\"page\\":\\"",\{"Fn::GetAtt":\["FrontDoorApi\w*","ApiEndpoint"\]\}/);
    const named = httpApi({ domain }).resources;
    expect(JSON.stringify(variablesOf(named, 'notify').NOTICE_LINKS)).toContain(`https://${domain.name}`);
  });

  test('nobody signs up, passwords are strong, and there are no text messages', () => {
    const { AdminCreateUserConfig, Policies, EnabledMfas } = only(resources, 'AWS::Cognito::UserPool');
    expect(AdminCreateUserConfig.AllowAdminCreateUserOnly).toBe(true);
    expect(Policies.PasswordPolicy).toMatchObject({ MinimumLength: 14, RequireSymbols: true, RequireNumbers: true });
    expect(EnabledMfas).toEqual(['SOFTWARE_TOKEN_MFA']);
  });

  test.each([
    ['off', 'OFF'],
    ['optional', 'OPTIONAL'],
    ['required', 'ON'],
  ])('a second factor is %s by a setting', (mfa, expected) => {
    expect(only(signedIn({ mfa }).resources, 'AWS::Cognito::UserPool').MfaConfiguration).toBe(expected);
  });

  test('the first critical e-mail is invited to the page, as an operator, and no later deployment invites another', () => {
    const user = only(resources, 'AWS::Cognito::UserPoolUser');
    expect(user.Username).toEqual({ Ref: 'FirstUser' });
    expect(only(resources, 'AWS::Cognito::UserPoolUserToGroupAttachment')).toMatchObject({ GroupName: 'operators' });
    // CloudFormation keeps the value that a parameter had when it was first deployed.
    expect(templates.ToolwatchApp?.Parameters?.FirstUser).toMatchObject({ Default: 'oncall@example.com' });
    expect(templates.ToolwatchApp?.Parameters?.FirstUser).not.toHaveProperty('AllowedValues');
    const invitation = only(resources, 'AWS::Cognito::UserPool').AdminCreateUserConfig.InviteMessageTemplate;
    expect(JSON.stringify(invitation.EmailMessage)).toMatch(/ApiEndpoint.*\{username\}.*\{####\}/);
    const named = signedIn({ firstUser: 'ann@example.com' }).templates.ToolwatchApp;
    expect(named?.Parameters?.FirstUser).toMatchObject({ Default: 'ann@example.com' });
    expect(ofType(synthesize().resources, 'AWS::Cognito::UserPoolUser')).toEqual([]);
  });

  test('the page signs in by code and without a secret, and is sent back to itself only', () => {
    const client = clientsOf(resources)['toolwatch-page'];
    expect(client).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      CallbackURLs: [page],
      LogoutURLs: [page],
      EnableTokenRevocation: true,
      RefreshTokenRotation: { Feature: 'ENABLED' },
      PreventUserExistenceErrors: 'ENABLED',
      AccessTokenValidity: 15,
    });
    // Cognito refuses rotation together with it.
    expect(client.ExplicitAuthFlows).not.toContain('ALLOW_REFRESH_TOKEN_AUTH');
    expect(rightsOf(client)).toEqual(['openid', 'email', '/read']);
    const withProxy = clientsOf(signedIn({ origins: ['https://tools.example.com'] }).resources)['toolwatch-page'];
    expect(withProxy.CallbackURLs).toEqual([page, 'https://tools.example.com/']);
  });

  test('the page learns how to sign in, and connects to its issuer only', () => {
    const { SIGN_IN } = variablesOf(resources, 'api');
    const text = JSON.stringify(SIGN_IN);
    expect(text).toContain('toolwatch/read');
    expect(text).toContain('logout_uri');
    expect(text).toMatch(/https:\/\/.*AWS::AccountId|PeoplePoolDomain/);
    expect(variablesOf(resources, 'gateway').SIGN_IN).toBeUndefined();
  });

  test('MCP clients share a client that may only call tools, with callbacks on their own machine', () => {
    const client = clientsOf(resources)['toolwatch-clients'];
    expect(rightsOf(client)).toEqual(['openid', 'email', '/call']);
    for (const callback of client.CallbackURLs) expect(callback).toMatch(/^http:\/\/localhost:\d+\//);
    const clientCallbacks = ['https://vscode.dev/redirect', 'cursor://anysphere.cursor-mcp/oauth/callback'];
    const other = clientsOf(signedIn({ clientCallbacks }).resources)['toolwatch-clients'];
    expect(other.CallbackURLs).toEqual(clientCallbacks);
    expect(variablesOf(resources, 'gateway').JWT_SCOPES).toBe('toolwatch/call');
  });

  test('machines exist only where the settings name them, and have no more rights than stated', () => {
    expect(Object.keys(clientsOf(resources))).toEqual(['toolwatch-page', 'toolwatch-clients']);
    const machines = [
      { name: 'prometheus', may: ['metrics' as const] },
      { name: 'nightly-job', may: ['call' as const, 'read' as const] },
    ];
    const all = signedIn({ machines });
    const clients = clientsOf(all.resources);
    expect(clients['toolwatch-prometheus']).toMatchObject({
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
    });
    expect(rightsOf(clients['toolwatch-prometheus'])).toEqual(['/metrics']);
    expect(rightsOf(clients['toolwatch-nightly-job'])).toEqual(['/call', '/read']);
    expect(all.outputs).toEqual(expect.arrayContaining(['PrometheusClientId', 'NightlyJobClientId']));
    expect(JSON.stringify(all.templates)).not.toContain('ClientSecret');
  });

  test('each route admits the tokens that have its right, and the metrics’ right opens one route', () => {
    const scopesOf = Object.fromEntries(
      routesOf(resources).map(({ RouteKey, AuthorizationScopes }) => [RouteKey, AuthorizationScopes]),
    );
    expect(scopesOf['POST /mcp']).toEqual(['toolwatch/call']);
    expect(scopesOf['GET /{proxy+}']).toEqual(['toolwatch/read', 'toolwatch/operate']);
    expect(scopesOf['GET /metrics']).toEqual(['toolwatch/read', 'toolwatch/operate', 'toolwatch/metrics']);
    const withMetrics = Object.keys(scopesOf).filter((key) => scopesOf[key]?.includes('toolwatch/metrics'));
    expect(withMetrics).toEqual(['GET /metrics', 'HEAD /metrics']);
    const { JWT_OPERATOR_SCOPE, JWT_METRICS_SCOPE, JWT_GROUPS_CLAIM } = variablesOf(resources, 'api');
    expect([JWT_OPERATOR_SCOPE, JWT_METRICS_SCOPE, JWT_GROUPS_CLAIM]).toEqual([
      'toolwatch/operate',
      'toolwatch/metrics',
      'cognito:groups',
    ]);
  });

  test('an operator’s right is one that no client of people may ask for', () => {
    for (const client of Object.values<{ AllowedOAuthScopes: unknown[] }>(clientsOf(resources)))
      expect(rightsOf(client)).not.toContain('/operate');
  });

  test('load balancers may ask for a status without a token only where a setting says so', () => {
    const openPaths = (all: Resources) =>
      routesOf(all)
        .filter(({ AuthorizationType }) => AuthorizationType === 'NONE')
        .map(({ RouteKey }) => RouteKey)
        .filter((key) => key.includes('health'));
    expect(openPaths(resources)).toEqual([]);
    const opened = synthesize({ frontDoor: { kind: 'http-api', openHealth: true } }).resources;
    expect(openPaths(opened).sort()).toEqual([
      'GET /health/live',
      'GET /health/ready',
      'HEAD /health/live',
      'HEAD /health/ready',
    ]);
  });
});

describe('the address at which people sign in', () => {
  const account = '123456789012';
  const names = fc.stringMatching(/^[a-z][a-z0-9]{0,7}(-[a-z0-9]{1,8}){0,3}$/);
  const withReservedWords = fc
    .tuple(names, fc.constantFrom('aws', 'amazon', 'cognito', 'paws', 'laws-1'))
    .map((words) => words.join('-'));
  const prefix = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

  test('is one that Cognito accepts, whatever the deployment is called', () => {
    fc.assert(
      fc.property(fc.oneof(names, withReservedWords), (name) => {
        expect(signInPrefix(name, account)).toMatch(prefix);
        expect(signInPrefix(name, account)).not.toMatch(/aws|amazon|cognito/);
      }),
    );
  });

  test('differs for each deployment and each account', () => {
    const any = fc.oneof(names, withReservedWords);
    const accounts = fc.stringMatching(/^\d{12}$/);
    fc.assert(
      fc.property(any, any, accounts, accounts, (name, otherName, one, other) => {
        const isSame = name === otherName && one === other;
        expect(signInPrefix(name, one) === signInPrefix(otherName, other)).toBe(isSame);
      }),
    );
  });
});

describe('an issuer of somebody else', () => {
  const signIn = { clientId: 'page', parameters: { audience: 'toolwatch' }, origins: ['https://login.example.com'] };

  test('makes no user pool, and lets people sign in on the page where it has a client for it', () => {
    const { resources } = httpApi({ jwt: { ...jwt, signIn } });
    expect(ofType(resources, 'AWS::Cognito::UserPool')).toEqual([]);
    expect(JSON.parse(variablesOf(resources, 'api').SIGN_IN ?? '')).toEqual({
      issuer: jwt.issuer,
      client_id: 'page',
      scopes: ['openid', 'tools.call'],
      parameters: { audience: 'toolwatch' },
      logout_parameter: 'post_logout_redirect_uri',
      origins: ['https://login.example.com'],
    });
    expect(variablesOf(httpApi().resources, 'api').SIGN_IN).toBeUndefined();
  });

  test('may have a right to the metrics alone, which opens one route', () => {
    const { resources } = httpApi({ jwt: { ...jwt, metricsScope: 'metrics' } });
    const withMetrics = routesOf(resources).filter(({ AuthorizationScopes = [] }) =>
      AuthorizationScopes.includes('metrics'),
    );
    expect(withMetrics.map(({ RouteKey }) => RouteKey)).toEqual(['GET /metrics', 'HEAD /metrics']);
    expect(variablesOf(resources, 'api').JWT_METRICS_SCOPE).toBe('metrics');
  });
});

describe('an HTTP API', () => {
  const { resources, outputs } = httpApi();

  test('replaces both Function URLs under the names of their outputs', () => {
    expect(ofType(resources, 'AWS::Lambda::Url')).toEqual([]);
    expect(outputs).toEqual(expect.arrayContaining(['McpUrl', 'ApiUrl']));
  });

  test('requires a token on every route except those that hold no data and those that say where to get one', () => {
    const open = routesOf(resources).filter(({ AuthorizationType }) => AuthorizationType === 'NONE');
    expect(open.map(({ RouteKey }) => RouteKey).sort()).toEqual([
      'GET /',
      'GET /.well-known/oauth-protected-resource',
      'GET /.well-known/oauth-protected-resource/mcp',
      'GET /reference',
      'GET /v1/openapi.json',
      'HEAD /',
      'HEAD /reference',
      'HEAD /v1/openapi.json',
    ]);
    for (const route of routesOf(resources).filter((candidate) => !open.includes(candidate))) {
      expect(route, route.RouteKey).toMatchObject({ AuthorizationType: 'JWT', AuthorizationScopes: ['tools.call'] });
    }
    expect(only(resources, 'AWS::ApiGatewayV2::Authorizer').JwtConfiguration.Issuer).toBe(
      'https://issuer.example.com/',
    );
  });

  test('accepts tokens for the configured audience and for its own addresses, as clients of MCP ask for them', () => {
    const { Audience } = only(resources, 'AWS::ApiGatewayV2::Authorizer').JwtConfiguration;
    const endpoint = { 'Fn::GetAtt': [expect.stringMatching(/^FrontDoorApi/), 'ApiEndpoint'] };
    expect(Audience).toEqual([
      'toolwatch',
      { 'Fn::Join': ['', [endpoint, '/mcp']] },
      endpoint,
      { 'Fn::Join': ['', [endpoint, '/']] },
    ]);
  });

  test('has a route per method, so that the authorizer does not reject a preflight without a token', () => {
    for (const { RouteKey } of routesOf(resources)) expect(RouteKey).toMatch(/^(GET|HEAD|POST|PUT|PATCH|DELETE) \//);
  });

  test('throttles requests, and writes one line of JSON per request without tokens or names', () => {
    const { AccessLogSettings, DefaultRouteSettings } = only(resources, 'AWS::ApiGatewayV2::Stage');
    expect(DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
    const line = JSON.parse(AccessLogSettings.Format);
    expect(line).toMatchObject({ status: '$context.status', refused: '$context.authorizer.error' });
    expect(AccessLogSettings.Format).not.toMatch(/header|claims|query/i);
  });

  test('counts the requests that the throttle refuses, under the names that an alarm reads', () => {
    const { FilterPattern, MetricTransformations } = only(resources, 'AWS::Logs::MetricFilter');
    expect(FilterPattern).toBe('{ $.status = "429" }');
    const [{ MetricNamespace, MetricName, Dimensions }] = MetricTransformations;
    const alarm = ofType(resources, 'AWS::CloudWatch::Alarm').find(
      ({ Properties }) => Properties.AlarmName === 'pipeline/requests-throttled',
    );
    expect(alarm?.Properties).toMatchObject({
      Namespace: MetricNamespace,
      MetricName,
      Dimensions: [{ Name: 'service', Value: 'toolwatch' }],
    });
    expect(Dimensions).toEqual([{ Key: 'service', Value: '$.service' }]);
    const line = JSON.parse(only(resources, 'AWS::ApiGatewayV2::Stage').AccessLogSettings.Format);
    expect(line).toMatchObject({ service: 'toolwatch', status: '$context.status' });
  });

  test('may call its two functions and no others, and nothing else may call them', () => {
    const permissions = ofType(resources, 'AWS::Lambda::Permission')
      .map(({ Properties }) => Properties)
      .filter(({ Principal }) => Principal === 'apigateway.amazonaws.com');
    expect(permissions.map(({ FunctionName }) => FunctionName['Fn::GetAtt'][0])).toEqual([
      expect.stringMatching(/^Gateway/),
      expect.stringMatching(/^Api/),
    ]);
    for (const { SourceArn } of permissions)
      expect(JSON.stringify(SourceArn)).toMatch(/FrontDoorApi\w+"},"\/\*\/\*\/\*"/);
  });

  test('waits longer than the gateway runs', () => {
    const gateway = ofType(resources, 'AWS::Lambda::Function').find(
      ({ Properties }) => Properties.FunctionName === 'toolwatch-gateway',
    );
    expect(gateway?.Properties.Timeout).toBe(29);
  });

  test('tells both functions which issuer it verifies', () => {
    for (const name of ['gateway', 'api']) expect(variablesOf(resources, name).JWT_ISSUER).toBe(jwt.issuer);
    expect(variablesOf(resources, 'gateway')).toMatchObject({ JWT_SCOPES: 'tools.call', BROWSER_ORIGINS: '' });
  });

  test('with tenants, tells the functions the claim, and admits the operator by a scope of its own', () => {
    const claims = { tenantClaim: 'tenant', operatorScope: 'operate' };
    const tenants = httpApi({ jwt: { ...jwt, ...claims } }, { tenants: true }).resources;
    const expected = { TOOLWATCH_TENANTS: 'on', JWT_TENANT_CLAIM: 'tenant', JWT_OPERATOR_SCOPE: 'operate' };
    for (const name of ['gateway', 'api']) expect(variablesOf(tenants, name)).toMatchObject(expected);
    expect(variablesOf(tenants, 'tool-place_order').TOOLWATCH_TENANTS).toBe('on');
  });

  test('names the operator’s scope to readers of the API only: clients of MCP ask for what a refusal names', () => {
    const claims = { tenantClaim: 'tenant', operatorScope: 'operate' };
    const tenants = httpApi({ jwt: { ...jwt, ...claims } }, { tenants: true }).resources;
    const scopesOf = (path: string) =>
      routesOf(tenants)
        .filter(({ RouteKey }) => RouteKey.endsWith(` ${path}`))
        .map(({ AuthorizationScopes }) => AuthorizationScopes);
    expect(scopesOf('/mcp')).toEqual(Array(3).fill(['tools.call']));
    expect(scopesOf('/{proxy+}')).toEqual(Array(6).fill(['tools.call', 'operate']));
    expect(variablesOf(tenants, 'gateway').JWT_SCOPES).toBe('tools.call');
  });

  test('admits web pages by their origins, and by default none', () => {
    expect(only(resources, 'AWS::ApiGatewayV2::Api').CorsConfiguration).toBeUndefined();
    const withOrigins = httpApi({ origins: ['https://app.example.com'] }).resources;
    const { CorsConfiguration } = only(withOrigins, 'AWS::ApiGatewayV2::Api');
    expect(CorsConfiguration.AllowOrigins).toEqual(['https://app.example.com']);
    expect(CorsConfiguration.AllowCredentials).toBeUndefined();
    expect(CorsConfiguration.AllowHeaders).toContain('x-toolwatch-session');
    expect(CorsConfiguration.ExposeHeaders).toEqual(
      expect.arrayContaining(['x-toolwatch-session', 'x-request-id', 'server-timing']),
    );
    expect(variablesOf(withOrigins, 'gateway').BROWSER_ORIGINS).toBe('https://app.example.com');
  });
});

describe('a domain', () => {
  test('is the only name of the API, and has a record where Route 53 has the zone', () => {
    const { resources, outputs } = httpApi({ domain: { ...domain, hostedZoneName: 'example.com' } });
    expect(only(resources, 'AWS::ApiGatewayV2::Api').DisableExecuteApiEndpoint).toBe(true);
    expect(only(resources, 'AWS::ApiGatewayV2::DomainName').DomainNameConfigurations).toMatchObject([
      { CertificateArn: domain.certificateArn, SecurityPolicy: 'TLS_1_2' },
    ]);
    expect(only(resources, 'AWS::Route53::RecordSet')).toMatchObject({
      Name: 'tools.example.com',
      HostedZoneName: 'example.com.',
    });
    expect(variablesOf(resources, 'gateway').FRONT_DOOR_DOMAIN).toBe('tools.example.com');
    const [, ...own] = only(resources, 'AWS::ApiGatewayV2::Authorizer').JwtConfiguration.Audience;
    expect(own).toEqual(['https://tools.example.com/mcp', 'https://tools.example.com', 'https://tools.example.com/']);
    expect(outputs).not.toContain('DomainTarget');
  });

  test('in a zone elsewhere has an output that says where to point it', () => {
    const { resources, outputs } = httpApi({ domain });
    expect(ofType(resources, 'AWS::Route53::RecordSet')).toEqual([]);
    expect(outputs).toContain('DomainTarget');
  });
});

describe('a tool that reports progress', () => {
  const tools = [aTool({ progress: true })];
  const gatewayOf = (settings: SettingsInput = {}, listed = tools) => {
    const { resources } = synthesize({ frontDoor: { kind: 'function-url' }, ...settings }, listed);
    const { Handler } =
      ofType(resources, 'AWS::Lambda::Function').find(
        ({ Properties }) => Properties.FunctionName === 'toolwatch-gateway',
      )?.Properties ?? {};
    const modeOf = (target: RegExp) =>
      ofType(resources, 'AWS::Lambda::Url').find(({ Properties }) =>
        target.test(JSON.stringify(Properties.TargetFunctionArn)),
      )?.Properties.InvokeMode;
    return [Handler, modeOf(/"Gateway/), modeOf(/"Api/)];
  };

  test('makes the MCP endpoint stream behind a Function URL, and nothing else', () => {
    expect(gatewayOf()).toEqual(['index.streamingHandler', 'RESPONSE_STREAM', undefined]);
    expect(gatewayOf({}, [aTool()])).toEqual(['index.handler', undefined, undefined]);
  });

  test('changes nothing where nothing can be streamed: behind an HTTP API, and in a network', () => {
    expect(gatewayOf({ frontDoor: { kind: 'http-api', jwt } })).toEqual(['index.handler', undefined, undefined]);
    const network = { vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d', 'subnet-1a1b2c3d'], allFunctions: true };
    expect(gatewayOf({ network })).toEqual(['index.handler', undefined, undefined]);
  });
});
