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
import { OPERATIONS, type OperationName } from '../../lambdas/contract/operations.ts';
import { splitRequestName, toRoute } from '../../lambdas/contract/request-names.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { acknowledge } from '../nag.ts';
import type { HttpApiSettings } from '../settings/front-door-settings.ts';
import type { Settings } from '../settings.ts';
import { type AcceptedTokens, audienceOf } from './accepted-tokens.ts';
import { addCustomDomain } from './http-api-domain.ts';

interface HttpApiProps {
  readonly settings: Settings;
  readonly frontDoor: HttpApiSettings;
}

/** What an API needs to answer requests. */
interface Answering {
  readonly tokens: AcceptedTokens;
  /** Answers MCP. */
  readonly mcp: lambda.Function;
  /** Answers everything else. */
  readonly api: lambda.Function;
}

const { GET, HEAD, POST, PUT, PATCH, DELETE } = gateway.HttpMethod;
const METHODS = { GET, POST, PUT, DELETE };
const { CorsHttpMethod } = gateway;
const DISCOVERY = '/.well-known/oauth-protected-resource';
/** They say no more than a status. */
const HEALTH = ['/health/live', '/health/ready'];

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
  'content-disposition',
  'link',
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

/** With one permission for the whole API; the authorizer decides who may call which route. */
const integrationOf = (id: string, fn: lambda.Function) =>
  new HttpLambdaIntegration(id, fn, { scopePermissionToRoute: false });

/** Under this prefix log groups share one resource policy; otherwise each would take some of its 5,120 characters. */
function createAccessLog(scope: Construct, settings: Settings): logs.LogGroup {
  const log = new logs.LogGroup(scope, 'Log', {
    logGroupName: `/aws/vendedlogs/${deploymentNameOf(settings)}/front-door`,
    retention: settings.logRetentionDays,
    removalPolicy: cdk.RemovalPolicy.DESTROY,
  });
  countThrottled(log);
  return log;
}

const corsOf = ({ origins }: HttpApiSettings): gateway.CorsPreflightOptions => ({
  allowOrigins: origins,
  allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.PUT, CorsHttpMethod.DELETE],
  allowHeaders: REQUEST_HEADERS,
  exposeHeaders: RESPONSE_HEADERS,
  maxAge: cdk.Duration.hours(1),
});

/** The front door for clients with tokens: it verifies a JWT before it invokes a function, and throttles requests. */
export class HttpApi extends Construct {
  /** With a slash at its end. */
  readonly url: string;
  /** The same without the slash. */
  readonly origin: string;
  readonly apiId: string;

  private readonly httpApi: gateway.HttpApi;
  private readonly openHealth: boolean;
  private authorizer: HttpJwtAuthorizer | undefined;

  constructor(scope: Construct, id: string, { settings, frontDoor }: HttpApiProps) {
    super(scope, id);
    const { domain, origins, throttle } = frontDoor;
    this.openHealth = frontDoor.openHealth;
    const log = createAccessLog(this, settings);
    this.httpApi = new gateway.HttpApi(this, 'Api', {
      apiName: deploymentNameOf(settings),
      description: 'MCP at /mcp; the page, reports, health and metrics elsewhere',
      createDefaultStage: false,
      disableExecuteApiEndpoint: domain !== undefined,
      ...(origins.length > 0 && { corsPreflight: corsOf(frontDoor) }),
    });
    const stage = new gateway.HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: throttle.rate, burstLimit: throttle.burst },
      accessLogSettings: {
        destination: new gateway.LogGroupLogDestination(log),
        format: AccessLogFormat.custom(JSON.stringify(accessLogOf(deploymentNameOf(settings)))),
      },
    });
    this.apiId = this.httpApi.apiId;
    this.origin = domain ? `https://${domain.name}` : this.httpApi.apiEndpoint;
    this.url = domain ? addCustomDomain(this, { domain, httpApi: this.httpApi, stage }) : stage.url;
  }

  /** Adds the routes to the functions, each with the tokens that it admits. */
  answer({ tokens, mcp, api }: Answering): void {
    const authorizer = this.authorizerOf(tokens);
    const [toMcp, toApi] = [integrationOf('Mcp', mcp), integrationOf('Everything', api)];
    const admitting = (scopes: readonly string[]) => ({ authorizer, authorizationScopes: [...scopes] });
    // A refusal names a route's scopes, and MCP clients ask for what it names: none may be the operator's there.
    // A route per method: one for any method would match a web page's preflight request, which has no token.
    this.httpApi.addRoutes({
      path: '/mcp',
      methods: [GET, POST, DELETE],
      integration: toMcp,
      ...admitting(tokens.callerScopes),
    });
    // The api also answers the methods that a path does not take: API Gateway would say that there is no such path.
    this.httpApi.addRoutes({
      path: '/{proxy+}',
      methods: [GET, HEAD, POST, PUT, PATCH, DELETE],
      integration: toApi,
      ...admitting(tokens.readerScopes),
    });
    if (tokens.metricsScope) {
      const scopes = [...tokens.readerScopes, tokens.metricsScope];
      this.httpApi.addRoutes({ path: '/metrics', methods: [GET, HEAD], integration: toApi, ...admitting(scopes) });
    }
    const discovery = [DISCOVERY, `${DISCOVERY}/mcp`];
    this.addOpenRoutes(discovery, [GET], toMcp, 'A client without a token finds out here where to get one.');
    this.addOpenRoutes(
      ['/', '/reference', '/v1/openapi.json'],
      [GET, HEAD],
      toApi,
      'The page and the reference hold no data; requests for data need a token.',
    );
    if (this.openHealth) {
      this.addOpenRoutes(
        HEALTH,
        [GET, HEAD],
        toApi,
        'The settings open them to load balancers; they say only a status.',
      );
    }
  }

  /** Adds the routes of the operator, to the function that changes what is in AWS. */
  answerOperator(tokens: AcceptedTokens, scopes: readonly string[], operate: lambda.Function): void {
    const integration = integrationOf('Operate', operate);
    const authorizer = this.authorizerOf(tokens);
    for (const name of Object.keys(OPERATIONS) as OperationName[]) {
      const [method, path] = splitRequestName(name);
      this.httpApi.addRoutes({
        path: toRoute(path),
        methods: [METHODS[method]],
        integration,
        authorizer,
        authorizationScopes: [...scopes],
      });
    }
  }

  /** Adds the route of senders, who have no token: the function verifies how each request is signed. */
  answerSenders(hooks: lambda.Function): void {
    const why = 'Senders of hooks have no token; the function verifies the signature of each request.';
    this.addOpenRoutes(['/hooks/{source}'], [POST], integrationOf('Hooks', hooks), why);
  }

  private authorizerOf(tokens: AcceptedTokens): HttpJwtAuthorizer {
    this.authorizer ??= new HttpJwtAuthorizer('Jwt', tokens.issuer, {
      jwtAudience: [...tokens.audience, ...audienceOf(this.origin)],
    });
    return this.authorizer;
  }

  private addOpenRoutes(
    paths: readonly string[],
    methods: gateway.HttpMethod[],
    integration: HttpLambdaIntegration,
    why: string,
  ): void {
    for (const path of paths) {
      for (const route of this.httpApi.addRoutes({ path, methods, integration })) {
        acknowledge(route, 'AwsSolutions-APIG4', why);
      }
    }
  }
}
