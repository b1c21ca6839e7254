import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type ResourceDeclaration, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Serve } from '../serve.ts';
import { validateFormat } from './access-log.ts';
import type { HttpApi, Stage } from './api.ts';
import { corsConfiguration } from './cors.ts';
import { createJwtAuthorizer, type Get } from './jwt-authorizer.ts';
import { parseRouteKey } from './route.ts';
import { type HttpApiOptions, serveHttpApi } from './serve.ts';
import { createTokenBucket } from './token-bucket.ts';

/** An account's limits, for a stage without its own. */
const ACCOUNT_THROTTLE = { rate: 10_000, burst: 5_000 };

const apiProperties = z.strictObject({
  Name: z.string(),
  Description: z.string().optional(),
  ProtocolType: z.literal('HTTP'),
  DisableExecuteApiEndpoint: z.boolean().default(false),
  CorsConfiguration: corsConfiguration.optional(),
});
const stageProperties = z.strictObject({
  ApiId: z.string(),
  StageName: z.literal('$default', 'the emulator supports only $default, which adds nothing to paths'),
  AutoDeploy: z.literal(true, 'a stage that is not deployed has no routes; write AutoDeploy'),
  DefaultRouteSettings: z.strictObject({ ThrottlingRateLimit: z.number(), ThrottlingBurstLimit: z.int() }).optional(),
  AccessLogSettings: z.strictObject({ DestinationArn: z.string(), Format: z.string() }).optional(),
});
const integrationProperties = z.strictObject({
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
});
const authorizerProperties = z.strictObject({
  ApiId: z.string(),
  Name: z.string(),
  AuthorizerType: z.literal('JWT'),
  IdentitySource: z.tuple([z.literal('$request.header.Authorization')]),
  JwtConfiguration: z.strictObject({ Audience: z.array(z.string()).min(1), Issuer: z.string() }),
});
const routeProperties = z.strictObject({
  ApiId: z.string(),
  RouteKey: z.string(),
  Target: z.string().startsWith('integrations/'),
  AuthorizationType: z.enum(['JWT', 'NONE']).default('NONE'),
  AuthorizerId: z.string().optional(),
  AuthorizationScopes: z.array(z.string()).default([]),
});

const idOf = ({ stack, logicalId }: ResourceDeclaration): string =>
  createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 10);

interface HttpApiResourcesOptions extends HttpApiOptions {
  get: Get;
}

type ApiMap = Map<string, HttpApi>;

const findApi = (apis: ApiMap, id: string): HttpApi => {
  const api = apis.get(id);
  if (!api) throw new Error(`There is no API ${id}`);
  return api;
};

const findPart = <Part>(parts: ReadonlyMap<string, Part>, id: string, kind: string): Part => {
  const part = parts.get(id);
  if (!part) throw new Error(`The API has no ${kind} ${id}`);
  return part;
};

const createApiHandler = (apis: ApiMap, domainSuffix: string): ResourceHandler =>
  resourceHandler(apiProperties, (properties, declared) => {
    const id = idOf(declared);
    apis.set(id, {
      id,
      hasDefaultEndpoint: !properties.DisableExecuteApiEndpoint,
      cors: properties.CorsConfiguration,
      routes: [],
      stages: new Map(),
      integrations: new Map(),
      authorizers: new Map(),
      nextRequestId: () => `${randomBytes(11).toString('base64url')}=`,
    });
    return { ref: id, attributes: { ApiId: id, ApiEndpoint: `https://${id}${domainSuffix}` } };
  });

const accessLogOf = ({ AccessLogSettings }: z.output<typeof stageProperties>): Stage['accessLog'] => {
  if (!AccessLogSettings) return undefined;
  const { DestinationArn, Format } = AccessLogSettings;
  return { group: DestinationArn.split(':')[6] ?? '', format: validateFormat(Format) };
};

const createStageHandler = (apis: ApiMap, { clock }: HttpApiOptions): ResourceHandler =>
  resourceHandler(stageProperties, (properties) => {
    const { ApiId, StageName: name, DefaultRouteSettings: limits } = properties;
    const throttle = limits
      ? { rate: limits.ThrottlingRateLimit, burst: limits.ThrottlingBurstLimit }
      : ACCOUNT_THROTTLE;
    const bucket = createTokenBucket(throttle, clock.now);
    findApi(apis, ApiId).stages.set(name, { name, bucket, accessLog: accessLogOf(properties) });
    return { ref: name };
  });

const createIntegrationHandler = (apis: ApiMap): ResourceHandler =>
  resourceHandler(integrationProperties, ({ ApiId, IntegrationUri }, declared) => {
    findApi(apis, ApiId).integrations.set(idOf(declared), IntegrationUri);
    return { ref: idOf(declared) };
  });

const createAuthorizerHandler = (apis: ApiMap, { clock, get }: HttpApiResourcesOptions): ResourceHandler =>
  resourceHandler(authorizerProperties, async ({ ApiId, JwtConfiguration }, declared) => {
    const { Issuer: issuer, Audience: audience } = JwtConfiguration;
    const authorizer = await createJwtAuthorizer({ issuer, audience }, { clock, get });
    findApi(apis, ApiId).authorizers.set(idOf(declared), authorizer);
    return { ref: idOf(declared), attributes: { AuthorizerId: idOf(declared) } };
  });

const createRouteHandler = (apis: ApiMap): ResourceHandler =>
  resourceHandler(routeProperties, (properties, declared) => {
    const { ApiId, RouteKey, Target, AuthorizationType, AuthorizerId = '', AuthorizationScopes } = properties;
    const api = findApi(apis, ApiId);
    api.routes.push({
      ...parseRouteKey(RouteKey),
      functionArn: findPart(api.integrations, Target.slice('integrations/'.length), 'integration'),
      authorizer: AuthorizationType === 'JWT' ? findPart(api.authorizers, AuthorizerId, 'authorizer') : undefined,
      scopes: AuthorizationScopes,
    });
    return { ref: idOf(declared) };
  });

/** Handlers for HTTP APIs and their parts, and the endpoints at their `execute-api` addresses. */
export const createHttpApiResources = (options: HttpApiResourcesOptions) => {
  const apis: ApiMap = new Map();
  const domainSuffix = `.execute-api.${options.place.region}.amazonaws.com`;
  const handlers: Record<string, ResourceHandler> = {
    'AWS::ApiGatewayV2::Api': createApiHandler(apis, domainSuffix),
    'AWS::ApiGatewayV2::Stage': createStageHandler(apis, options),
    'AWS::ApiGatewayV2::Integration': createIntegrationHandler(apis),
    'AWS::ApiGatewayV2::Authorizer': createAuthorizerHandler(apis, options),
    'AWS::ApiGatewayV2::Route': createRouteHandler(apis),
  };
  return {
    handlers,
    apiOf: (id: string): HttpApi => findApi(apis, id),

    /** Answers at an API's default endpoint; undefined for any other name and where that endpoint is disabled. */
    serveUnder: (hostname: string): Serve | undefined => {
      const api = hostname.endsWith(domainSuffix) ? apis.get(hostname.slice(0, -domainSuffix.length)) : undefined;
      const stage = api?.hasDefaultEndpoint ? api.stages.get('$default') : undefined;
      return api && stage && serveHttpApi(options, { api, stage, domainName: hostname });
    },
  };
};

export type HttpApis = ReturnType<typeof createHttpApiResources>;
