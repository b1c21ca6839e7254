import * as cdk from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as gateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { SESSION_HANDLE_HEADER } from '../../lambdas/contract/client-context.ts';
import { CALL_DIMENSIONS, NAMESPACE, PIPELINE_METRICS } from '../../lambdas/contract/metrics.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { acknowledge } from '../nag.ts';
import type { HttpApiSettings } from '../settings/front-door-settings.ts';
import type { Settings } from '../settings.ts';
import { addCustomDomain } from './http-api-domain.ts';

interface HttpApiProps {
  readonly settings: Settings;
  readonly frontDoor: HttpApiSettings;
  /** Answers MCP. */
  readonly mcp: lambda.Function;
  /** Answers everything else. */
  readonly api: lambda.Function;
}

const { GET, HEAD, POST, PUT, PATCH, DELETE } = gateway.HttpMethod;
const { CorsHttpMethod } = gateway;
const DISCOVERY = '/.well-known/oauth-protected-resource';

/** The headers that clients on web pages send and read, beside those that CORS always allows. */
const REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'mcp-protocol-version',
  'mcp-session-id',
  'mcp-method',
  'mcp-name',
  SESSION_HANDLE_HEADER,
];
const RESPONSE_HEADERS = [
  'mcp-session-id',
  SESSION_HANDLE_HEADER,
  'www-authenticate',
  'x-request-id',
  'x-correlation-id',
  'server-timing',
];

/** One line per request. No headers, queries or claims: they would hold tokens and names. */
const accessLogOf = (service: string) => ({
  service,
  request_id: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  route: '$context.routeKey',
  status: '$context.status',
  refused: '$context.authorizer.error',
  error: '$context.error.message',
  integration_error: '$context.integrationErrorMessage',
  integration_status: '$context.integrationStatus',
  latency_ms: '$context.responseLatency',
  integration_latency_ms: '$context.integrationLatency',
  response_bytes: '$context.responseLength',
});

/** Counts the requests that the throttle refuses: AWS counts them among all that are answered 4xx. */
const countThrottled = (log: logs.LogGroup): void => {
  new logs.MetricFilter(log, 'Throttled', {
    logGroup: log,
    filterPattern: logs.FilterPattern.stringValue('$.status', '=', '429'),
    metricNamespace: NAMESPACE,
    metricName: PIPELINE_METRICS.requestsThrottled,
    metricValue: '1',
    dimensions: { [CALL_DIMENSIONS.service]: '$.service' },
  });
};

/**
 * What tokens for this API may name as their audience beside the configured ones. Clients that follow MCP's
 * specification ask their issuer for a token for the address of the endpoint; some name only its origin.
 */
const ownAudience = (origin: string): string[] => [`${origin}/mcp`, origin, `${origin}/`];

/** With one permission for the whole API; the authorizer decides who may call which route. */
const integrationOf = (id: string, fn: lambda.Function) =>
  new HttpLambdaIntegration(id, fn, { scopePermissionToRoute: false });

/** The front door for clients with tokens: it verifies a JWT before it invokes a function, and throttles requests. */
export class HttpApi extends Construct {
  /** With a slash at its end. */
  readonly url: string;
  readonly apiId: string;

  constructor(scope: Construct, id: string, { settings, frontDoor, mcp, api }: HttpApiProps) {
    super(scope, id);
    const { jwt, domain, origins, throttle } = frontDoor;
    // Under this prefix log groups share one resource policy; otherwise each would take some of its 5,120 characters.
    const log = new logs.LogGroup(this, 'Log', {
      logGroupName: `/aws/vendedlogs/${deploymentNameOf(settings)}/front-door`,
      retention: settings.logRetentionDays,
      removalPolicy: cdk.RemovalPolicy.DESTROY,
    });
    countThrottled(log);
    const httpApi = new gateway.HttpApi(this, 'Api', {
      apiName: deploymentNameOf(settings),
      description: 'MCP at /mcp; the page, reports, health and metrics elsewhere',
      createDefaultStage: false,
      disableExecuteApiEndpoint: domain !== undefined,
      ...(origins.length > 0 && {
        corsPreflight: {
          allowOrigins: origins,
          allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.DELETE],
          allowHeaders: REQUEST_HEADERS,
          exposeHeaders: RESPONSE_HEADERS,
          maxAge: cdk.Duration.hours(1),
        },
      }),
    });
    const stage = new gateway.HttpStage(this, 'Stage', {
      httpApi,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: throttle.rate, burstLimit: throttle.burst },
      accessLogSettings: {
        destination: new gateway.LogGroupLogDestination(log),
        format: AccessLogFormat.custom(JSON.stringify(accessLogOf(deploymentNameOf(settings)))),
      },
    });

    const origin = domain ? `https://${domain.name}` : httpApi.apiEndpoint;
    const authorizer = new HttpJwtAuthorizer('Jwt', jwt.issuer, {
      jwtAudience: [...jwt.audience, ...ownAudience(origin)],
    });
    // A refusal names a route's scopes, and MCP clients ask for what it names: none may be the operator's there.
    const forCallers = { authorizer, authorizationScopes: jwt.scopes };
    const readersScopes = jwt.operatorScope ? [...jwt.scopes, jwt.operatorScope] : jwt.scopes;
    const [toMcp, toApi] = [integrationOf('Mcp', mcp), integrationOf('Everything', api)];
    // A route per method: one for any method would match a web page's preflight request, which has no token.
    httpApi.addRoutes({ path: '/mcp', methods: [GET, POST, DELETE], integration: toMcp, ...forCallers });
    const forReaders = { authorizer, authorizationScopes: readersScopes };
    // The api reads only. It answers the other methods too, because API Gateway would say that there is no such path.
    const methods = [GET, HEAD, POST, PUT, PATCH, DELETE];
    httpApi.addRoutes({ path: '/{proxy+}', methods, integration: toApi, ...forReaders });
    const open = [DISCOVERY, `${DISCOVERY}/mcp`].flatMap((path) =>
      httpApi.addRoutes({ path, methods: [GET], integration: toMcp }),
    );
    for (const route of open) {
      acknowledge(route, 'AwsSolutions-APIG4', 'A client without a token finds out here where to get one.');
    }
    for (const page of httpApi.addRoutes({ path: '/', methods: [GET, HEAD], integration: toApi })) {
      acknowledge(page, 'AwsSolutions-APIG4', 'The page itself holds no data; its requests for data need a token.');
    }
    this.apiId = httpApi.apiId;
    this.url = domain ? addCustomDomain(this, { domain, httpApi, stage }) : stage.url;
  }
}
