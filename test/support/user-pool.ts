/** Resources of a user pool as the app's template has them, with what the test states. */

const REF = (id: string) => ({ Ref: id });
const POOL = REF('Pool');

/** A pool with the scopes `shop/read`, `shop/call` and `shop/metrics`, and a domain. */
export const aUserPool = (properties: object = {}) => ({
  Pool: {
    Type: 'AWS::Cognito::UserPool',
    Properties: {
      UserPoolName: 'people',
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      Policies: { PasswordPolicy: { MinimumLength: 14 } },
      ...properties,
    },
  },
  Domain: {
    Type: 'AWS::Cognito::UserPoolDomain',
    Properties: { UserPoolId: POOL, Domain: 'people-1', ManagedLoginVersion: 2 },
  },
  Rights: {
    Type: 'AWS::Cognito::UserPoolResourceServer',
    Properties: {
      UserPoolId: POOL,
      Identifier: 'shop',
      Name: 'shop',
      Scopes: ['read', 'call', 'metrics', 'operate'].map((ScopeName) => ({ ScopeName, ScopeDescription: ScopeName })),
    },
  },
});

/** A public client of the pool, for people. */
export const aPublicClient = (callback: string, properties: object = {}) => ({
  Type: 'AWS::Cognito::UserPoolClient',
  DependsOn: ['Rights'],
  Properties: {
    UserPoolId: POOL,
    ClientName: 'page',
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ['code'],
    AllowedOAuthScopes: ['openid', 'email', 'shop/read'],
    CallbackURLs: [callback],
    LogoutURLs: [callback],
    ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
    RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 10 },
    AccessTokenValidity: 15,
    IdTokenValidity: 15,
    RefreshTokenValidity: 720,
    TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' },
    ...properties,
  },
});

/** A client with a secret, for a machine. */
export const aMachine = (scopes: string[], properties: object = {}) => ({
  Type: 'AWS::Cognito::UserPoolClient',
  DependsOn: ['Rights'],
  Properties: {
    UserPoolId: POOL,
    ClientName: 'machine',
    GenerateSecret: true,
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ['client_credentials'],
    AllowedOAuthScopes: scopes,
    ...properties,
  },
});

/** A person of the pool, and the group of operators with them in it. */
export const anOperator = (email: string) => ({
  Operators: { Type: 'AWS::Cognito::UserPoolGroup', Properties: { UserPoolId: POOL, GroupName: 'operators' } },
  Operator: { Type: 'AWS::Cognito::UserPoolUser', Properties: { UserPoolId: POOL, Username: email } },
  Membership: {
    Type: 'AWS::Cognito::UserPoolUserToGroupAttachment',
    Properties: { UserPoolId: POOL, GroupName: REF('Operators'), Username: REF('Operator') },
  },
});
