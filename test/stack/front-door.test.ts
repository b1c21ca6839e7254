import { describe, expect, test } from 'vitest';
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

describe('by default', () => {
  const { resources, outputs } = synthesize();

  test('both endpoints are Function URLs for IAM, and there is no HTTP API', () => {
    const urls = ofType(resources, 'AWS::Lambda::Url');
    expect(urls.map(({ Properties }) => Properties.AuthType)).toEqual(['AWS_IAM', 'AWS_IAM']);
    expect(ofType(resources, 'AWS::ApiGatewayV2::Api')).toEqual([]);
    expect(outputs).toEqual(expect.arrayContaining(['McpUrl', 'ApiUrl']));
  });

  test('there are no tenants', () => {
    for (const name of ['gateway', 'api', 'tool-place_order'])
      expect(variablesOf(resources, name).TOOLWATCH_TENANTS, name).toBe('off');
    expect(variablesOf(resources, 'gateway').JWT_ISSUER).toBeUndefined();
  });
});

describe('an HTTP API', () => {
  const { resources, outputs } = httpApi();

  test('replaces both Function URLs under the names of their outputs', () => {
    expect(ofType(resources, 'AWS::Lambda::Url')).toEqual([]);
    expect(outputs).toEqual(expect.arrayContaining(['McpUrl', 'ApiUrl']));
  });

  test('requires a token on every route except the empty page and those that say where to get one', () => {
    const open = routesOf(resources).filter(({ AuthorizationType }) => AuthorizationType === 'NONE');
    expect(open.map(({ RouteKey }) => RouteKey).sort()).toEqual([
      'GET /',
      'GET /.well-known/oauth-protected-resource',
      'GET /.well-known/oauth-protected-resource/mcp',
      'HEAD /',
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
    const { resources } = synthesize(settings, listed);
    const { Handler } =
      ofType(resources, 'AWS::Lambda::Function').find(
        ({ Properties }) => Properties.FunctionName === 'toolwatch-gateway',
      )?.Properties ?? {};
    return [Handler, ...ofType(resources, 'AWS::Lambda::Url').map(({ Properties }) => Properties.InvokeMode)];
  };

  test('makes the MCP endpoint stream behind a Function URL, and nothing else', () => {
    expect(gatewayOf()).toEqual(['index.streamingHandler', 'RESPONSE_STREAM', undefined]);
    expect(gatewayOf({}, [aTool()])).toEqual(['index.handler', undefined, undefined]);
  });

  test('changes nothing where nothing can be streamed: behind an HTTP API, and in a network', () => {
    expect(gatewayOf({ frontDoor: { kind: 'http-api', jwt } })).toEqual(['index.handler']);
    const network = { vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d', 'subnet-1a1b2c3d'], allFunctions: true };
    expect(gatewayOf({ network })).toEqual(['index.handler', undefined, undefined]);
  });
});
