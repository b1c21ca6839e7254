import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type ResourceDeclaration, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Serve } from '../serve.ts';
import { corsConfiguration } from './cors.ts';
import { type HttpApiOptions, serveHttpApi } from './http-api.ts';
import { createJwtAuthorizer, type Get } from './jwt-authorizer.ts';
import { checkFormat } from './log.ts';
import type { HttpApi } from './parts.ts';
import { readRouteKey } from './route.ts';
import { tokenBucket } from './token-bucket.ts';

/** Of an account, when a stage says nothing. */
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
  StageName: z.literal('$default', 'only $default, which adds nothing to paths, is known here'),
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

/** HTTP APIs and what belongs to them, from the template. */
export const httpApiResources = (options: HttpApiOptions & { get: Get }) => {
  const { place, clock, get } = options;
  const apis = new Map<string, HttpApi>();
  const suffix = `.execute-api.${place.region}.amazonaws.com`;

  const apiOf = (id: string): HttpApi => {
    const api = apis.get(id);
    if (!api) throw new Error(`There is no API ${id}`);
    return api;
  };
  const part = <Part>(parts: ReadonlyMap<string, Part>, id: string, what: string): Part => {
    const found = parts.get(id);
    if (!found) throw new Error(`The API has no ${what} ${id}`);
    return found;
  };

  const rules: Record<string, ResourceHandler> = {
    'AWS::ApiGatewayV2::Api': resourceHandler(apiProperties, (properties, declared) => {
      const id = idOf(declared);
      apis.set(id, {
        id,
        hasOwnName: !properties.DisableExecuteApiEndpoint,
        cors: properties.CorsConfiguration,
        routes: [],
        stages: new Map(),
        integrations: new Map(),
        authorizers: new Map(),
        nextRequestId: () => `${randomBytes(11).toString('base64url')}=`,
      });
      return { ref: id, attributes: { ApiId: id, ApiEndpoint: `https://${id}${suffix}` } };
    }),

    'AWS::ApiGatewayV2::Stage': resourceHandler(stageProperties, ({ ApiId, StageName, ...properties }) => {
      const { DefaultRouteSettings: limits, AccessLogSettings: log } = properties;
      const throttle = limits
        ? { rate: limits.ThrottlingRateLimit, burst: limits.ThrottlingBurstLimit }
        : ACCOUNT_THROTTLE;
      apiOf(ApiId).stages.set(StageName, {
        name: StageName,
        bucket: tokenBucket(throttle, clock.now),
        log: log && { group: log.DestinationArn.split(':')[6] ?? '', format: checkFormat(log.Format) },
      });
      return { ref: StageName };
    }),

    'AWS::ApiGatewayV2::Integration': resourceHandler(integrationProperties, ({ ApiId, IntegrationUri }, declared) => {
      apiOf(ApiId).integrations.set(idOf(declared), IntegrationUri);
      return { ref: idOf(declared) };
    }),

    'AWS::ApiGatewayV2::Authorizer': resourceHandler(
      authorizerProperties,
      async ({ ApiId, JwtConfiguration }, declared) => {
        const { Issuer: issuer, Audience: audience } = JwtConfiguration;
        const authorizer = await createJwtAuthorizer({ issuer, audience }, { clock, get });
        apiOf(ApiId).authorizers.set(idOf(declared), authorizer);
        return { ref: idOf(declared), attributes: { AuthorizerId: idOf(declared) } };
      },
    ),

    'AWS::ApiGatewayV2::Route': resourceHandler(routeProperties, (properties, declared) => {
      const { ApiId, RouteKey, Target, AuthorizationType, AuthorizerId = '', AuthorizationScopes } = properties;
      const api = apiOf(ApiId);
      api.routes.push({
        ...readRouteKey(RouteKey),
        functionArn: part(api.integrations, Target.slice('integrations/'.length), 'integration'),
        authorizer: AuthorizationType === 'JWT' ? part(api.authorizers, AuthorizerId, 'authorizer') : undefined,
        scopes: AuthorizationScopes,
      });
      return { ref: idOf(declared) };
    }),
  };

  return {
    rules,
    apiOf,
    /** Answers under a name AWS gives; nothing when it is no API's. A disabled one has nothing to find. */
    serveUnder: (hostname: string): Serve | undefined => {
      const api = hostname.endsWith(suffix) ? apis.get(hostname.slice(0, -suffix.length)) : undefined;
      const stage = api?.hasOwnName ? api.stages.get('$default') : undefined;
      return api && stage && serveHttpApi(options, api, stage, hostname);
    },
  };
};

export type HttpApis = ReturnType<typeof httpApiResources>;
