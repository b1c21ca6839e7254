import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import { makeUpdatable, nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import { addToGroup, addUser, type Client, createPool, idFrom, knowsScope, type UserPool } from './pool.ts';
import { randomText } from './tokens.ts';

/** The pools of an account and region, as their resources create them. */
export interface Pools {
  readonly byId: Map<string, UserPool>;
  /** The pools that have a domain, by its prefix. */
  readonly byDomain: Map<string, UserPool>;
  readonly region: string;
  issuerOf(poolId: string): string;
}

const RESERVED = /aws|amazon|cognito/;

const message = z.object({ EmailMessage: z.string(), EmailSubject: z.string() });
const poolProperties = z.strictObject({
  UserPoolName: z.string(),
  UserPoolTier: z.enum(['LITE', 'ESSENTIALS', 'PLUS']).default('ESSENTIALS'),
  UsernameAttributes: z.tuple([z.literal('email', 'here people sign in with their e-mail address')]),
  UsernameConfiguration: z.strictObject({ CaseSensitive: z.literal(false, 'here the case of an address is ignored') }),
  AdminCreateUserConfig: z.strictObject({
    AllowAdminCreateUserOnly: z.literal(true, 'here nobody signs up'),
    InviteMessageTemplate: message.optional(),
  }),
  MfaConfiguration: z.enum(['OFF', 'OPTIONAL', 'ON']).default('OFF'),
  EnabledMfas: z.array(z.literal('SOFTWARE_TOKEN_MFA', 'here no text messages are sent')).optional(),
  Policies: z.strictObject({ PasswordPolicy: z.looseObject({ MinimumLength: z.int().min(6).max(99) }) }),
  AccountRecoverySetting: z.unknown().optional(),
  AutoVerifiedAttributes: z.array(z.literal('email')).optional(),
  EmailVerificationMessage: z.string().optional(),
  EmailVerificationSubject: z.string().optional(),
  SmsVerificationMessage: z.string().optional(),
  VerificationMessageTemplate: z.unknown().optional(),
  UserPoolTags: z.unknown().optional(),
  DeletionProtection: z.enum(['ACTIVE', 'INACTIVE']).optional(),
});
const domainProperties = z.strictObject({
  UserPoolId: z.string(),
  Domain: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'a prefix has up to 63 lower-case letters, digits and hyphens')
    .refine((domain) => !RESERVED.test(domain), 'Domain cannot contain reserved word: aws, amazon or cognito'),
  ManagedLoginVersion: z.literal([1, 2]).default(1),
});
const serverProperties = z.strictObject({
  UserPoolId: z.string(),
  Identifier: z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/),
  Name: z.string(),
  Scopes: z
    .array(
      z.strictObject({
        ScopeName: z.string().regex(/^[\x21\x23-\x2e\x30-\x5b\x5d-\x7e]+$/),
        ScopeDescription: z.string(),
      }),
    )
    .max(100)
    .default([]),
});

/** HTTPS, a page of this machine, or the scheme of an installed program; and no fragment. */
const callback = z
  .string()
  .regex(
    /^(https:\/\/|http:\/\/localhost(?=[:/]|$)|(?!https?:)[a-z][a-z0-9.+-]*:\/\/)[^\s#]*$/,
    'is not allowed as a callback',
  );
const SECONDS = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const;
const unit = z.enum(['seconds', 'minutes', 'hours', 'days']);
const clientProperties = z.strictObject({
  UserPoolId: z.string(),
  ClientName: z.string(),
  GenerateSecret: z.boolean().default(false),
  AllowedOAuthFlowsUserPoolClient: z.literal(true, 'a client without OAuth has no pages to sign in at'),
  AllowedOAuthFlows: z.array(z.enum(['code', 'client_credentials'])).min(1),
  AllowedOAuthScopes: z.array(z.string()).min(1).max(50),
  CallbackURLs: z.array(callback).max(100).default([]),
  LogoutURLs: z.array(callback).max(100).default([]),
  SupportedIdentityProviders: z.array(z.literal('COGNITO')).optional(),
  ExplicitAuthFlows: z
    .array(z.string())
    .default(['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH']),
  PreventUserExistenceErrors: z.enum(['ENABLED', 'LEGACY']).optional(),
  EnableTokenRevocation: z.boolean().default(true),
  RefreshTokenRotation: z
    .strictObject({
      Feature: z.enum(['ENABLED', 'DISABLED']),
      RetryGracePeriodSeconds: z.int().min(0).max(60).default(0),
    })
    .optional(),
  AccessTokenValidity: z.int().default(60),
  IdTokenValidity: z.int().default(60),
  RefreshTokenValidity: z.int().default(30 * 24 * 60),
  TokenValidityUnits: z
    .strictObject({
      AccessToken: unit.default('minutes'),
      IdToken: unit.default('minutes'),
      RefreshToken: unit.default('minutes'),
    })
    .prefault({}),
});
type ClientProperties = z.output<typeof clientProperties>;
const brandingProperties = z.strictObject({
  UserPoolId: z.string(),
  ClientId: z.string(),
  UseCognitoProvidedValues: z.literal(true, 'here all pages look the same'),
});
const groupProperties = z.strictObject({
  UserPoolId: z.string(),
  GroupName: z.string().min(1).max(128),
  Description: z.string().optional(),
});
const userProperties = z.strictObject({
  UserPoolId: z.string(),
  Username: z.email('a person signs in with an e-mail address'),
  DesiredDeliveryMediums: z.array(z.literal('EMAIL')).optional(),
  UserAttributes: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]),
});
const attachmentProperties = z.strictObject({ UserPoolId: z.string(), GroupName: z.string(), Username: z.string() });

/** Throws `AwsError` when there is no such pool. */
export const findPool = ({ byId }: Pools, id: string): UserPool => {
  const pool = byId.get(id);
  if (!pool) throw new AwsError('ResourceNotFoundException', `User pool ${id} does not exist.`);
  return pool;
};

const createPoolHandler = (pools: Pools): ResourceHandler =>
  resourceHandler(poolProperties, async ({ MfaConfiguration, EnabledMfas }, { stack, logicalId, previous }) => {
    if (MfaConfiguration !== 'OFF' && !EnabledMfas?.length) {
      throw new Error('MFA is on, and no second factor is enabled; write EnabledMfas');
    }
    if (previous) return previous;
    const id = `${pools.region}_${idFrom(`${stack}/${logicalId}`, 9)}`;
    const pool = await createPool(id, pools.issuerOf(id));
    pools.byId.set(id, pool);
    const attributes = {
      UserPoolId: id,
      ProviderURL: pool.issuer,
      ProviderName: pool.issuer.replace(/^https?:\/\//, ''),
    };
    return { ref: id, attributes, remove: () => void pools.byId.delete(id) };
  });

const createDomainHandler = (pools: Pools): ResourceHandler =>
  resourceHandler(domainProperties, ({ UserPoolId, Domain }, { previous }) => {
    const pool = findPool(pools, UserPoolId);
    const owner = pools.byDomain.get(Domain);
    if (owner && (owner !== pool || previous?.ref !== Domain)) throw new Error(`The domain ${Domain} already exists`);
    if (pool.domain !== undefined && pool.domain !== previous?.ref) throw new Error('The pool has a domain already');
    pool.domain = Domain;
    pools.byDomain.set(Domain, pool);
    return { ref: Domain, remove: () => void pools.byDomain.delete(Domain) };
  });

const createServerHandler = (pools: Pools): ResourceHandler =>
  resourceHandler(serverProperties, ({ UserPoolId, Identifier, Scopes }) => {
    const { scopes } = findPool(pools, UserPoolId);
    scopes.set(
      Identifier,
      Scopes.map(({ ScopeName }) => `${Identifier}/${ScopeName}`),
    );
    return { ref: Identifier, remove: () => void scopes.delete(Identifier) };
  });

/** What Cognito refuses of a client, in a sentence. */
const findClientProblem = (pool: UserPool, properties: ClientProperties): string | undefined => {
  const { AllowedOAuthFlows: flows, AllowedOAuthScopes: scopes, RefreshTokenRotation: rotation } = properties;
  const unknown = scopes.find((scope) => !knowsScope(pool, scope));
  if (unknown !== undefined) return `ScopeDoesNotExistException: Invalid scope requested: ${unknown}`;
  if (flows.includes('client_credentials')) {
    if (flows.length > 1) return 'client_credentials flow can not be selected along with code flow or implicit flow.';
    if (!properties.GenerateSecret)
      return 'client_credentials flow can not be selected if client does not have a client secret.';
    if (!scopes.every((scope) => scope.includes('/')))
      return 'client_credentials allows scopes of resource servers only.';
  } else if (properties.CallbackURLs.length === 0) return 'CallbackURLs are required for the code flow.';
  if (rotation?.Feature === 'ENABLED' && properties.ExplicitAuthFlows.includes('ALLOW_REFRESH_TOKEN_AUTH')) {
    return 'Refresh token rotation cannot be enabled together with ALLOW_REFRESH_TOKEN_AUTH.';
  }
  return undefined;
};

const settingsOf = (properties: ClientProperties): Omit<Client, 'id' | 'name' | 'secret'> => {
  const { TokenValidityUnits: units, RefreshTokenRotation: rotation } = properties;
  return {
    flows: properties.AllowedOAuthFlows,
    scopes: properties.AllowedOAuthScopes,
    callbackUrls: properties.CallbackURLs,
    logoutUrls: properties.LogoutURLs,
    accessSeconds: properties.AccessTokenValidity * SECONDS[units.AccessToken],
    idSeconds: properties.IdTokenValidity * SECONDS[units.IdToken],
    refreshSeconds: properties.RefreshTokenValidity * SECONDS[units.RefreshToken],
    rotationGraceSeconds: rotation?.Feature === 'ENABLED' ? rotation.RetryGracePeriodSeconds : undefined,
    isRevocable: properties.EnableTokenRevocation,
  };
};

/** The shortest life of an access token. */
const MIN_ACCESS_SECONDS = 300;

const createClientHandler = (pools: Pools): ResourceHandler =>
  resourceHandler(clientProperties, (properties, declared) => {
    const pool = findPool(pools, properties.UserPoolId);
    const problem = findClientProblem(pool, properties);
    if (problem) throw new Error(problem);
    const settings = settingsOf(properties);
    if (settings.accessSeconds < MIN_ACCESS_SECONDS || settings.accessSeconds > SECONDS.days) {
      throw new Error('An access token lives from five minutes to a day');
    }
    const id = idFrom(`${pool.id}/${nameOf(declared)}`, 26);
    const existing = pool.clients.get(id);
    if (existing) Object.assign(existing, settings);
    else {
      const secret = properties.GenerateSecret ? randomText() : undefined;
      pool.clients.set(id, { id, name: properties.ClientName, secret, ...settings });
    }
    return {
      ref: id,
      attributes: { ClientId: id, Name: properties.ClientName },
      remove: () => void pool.clients.delete(id),
    };
  });

const createBrandingHandler = (pools: Pools): ResourceHandler =>
  resourceHandler(brandingProperties, ({ UserPoolId, ClientId }, { logicalId }) => {
    if (!findPool(pools, UserPoolId).clients.has(ClientId)) throw new Error(`The pool has no client ${ClientId}`);
    return { ref: logicalId };
  });

const createGroupHandler = (pools: Pools): ResourceHandler =>
  resourceHandler(groupProperties, ({ UserPoolId, GroupName }) => {
    const { groups } = findPool(pools, UserPoolId);
    groups.add(GroupName);
    return { ref: GroupName, remove: () => void groups.delete(GroupName) };
  });

const createUserHandler = (pools: Pools): ResourceHandler =>
  resourceHandler(userProperties, ({ UserPoolId, Username }, { previous }) => {
    const pool = findPool(pools, UserPoolId);
    const username = Username.toLowerCase();
    if (previous?.ref !== username) addUser(pool, Username);
    return { ref: username, remove: () => void pool.users.delete(username) };
  });

const createAttachmentHandler = (pools: Pools): ResourceHandler =>
  resourceHandler(attachmentProperties, ({ UserPoolId, GroupName, Username }, declared) => {
    const pool = findPool(pools, UserPoolId);
    const { groups } = addToGroup(pool, Username, GroupName);
    return { ref: nameOf(declared), remove: () => void groups.delete(GroupName) };
  });

/** Handlers of user pools and their parts. */
export const createCognitoHandlers = (pools: Pools): Record<string, ResourceHandler> =>
  Object.fromEntries(
    Object.entries({
      'AWS::Cognito::UserPool': createPoolHandler,
      'AWS::Cognito::UserPoolDomain': createDomainHandler,
      'AWS::Cognito::UserPoolResourceServer': createServerHandler,
      'AWS::Cognito::UserPoolClient': createClientHandler,
      'AWS::Cognito::ManagedLoginBranding': createBrandingHandler,
      'AWS::Cognito::UserPoolGroup': createGroupHandler,
      'AWS::Cognito::UserPoolUser': createUserHandler,
      'AWS::Cognito::UserPoolUserToGroupAttachment': createAttachmentHandler,
    }).map(([type, create]) => [type, makeUpdatable(create(pools))]),
  );
