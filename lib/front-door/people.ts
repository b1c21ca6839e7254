import * as cdk from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { GROUPS_CLAIM, OPERATORS } from '../../lambdas/contract/sign-in.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { acknowledge } from '../nag.ts';
import { type HttpApiSettings, signInOf } from '../settings/front-door-settings.ts';
import type { MachineRight, SignInSettings } from '../settings/sign-in-settings.ts';
import type { Settings } from '../settings.ts';
import { type AcceptedTokens, audienceOf } from './accepted-tokens.ts';
import { signInPrefix } from './sign-in-prefix.ts';

interface PeopleProps {
  readonly settings: Settings;
  readonly frontDoor: HttpApiSettings;
  /** The address of the page, without a slash at its end. */
  readonly origin: string;
}

const RIGHTS: Readonly<Record<MachineRight, string>> = {
  call: 'Call tools',
  read: 'Read the page and the API',
  metrics: 'Read /metrics and nothing else',
  operate: 'Read everything of all tenants, and operate the deployment',
};

const { minutes, hours, days, seconds } = cdk.Duration;
/** API Gateway verifies tokens by their signature alone, so this is how long a person who was removed may still read. */
const ACCESS_LIFETIME = minutes(15);
/** A working day, after which the page asks for the password again. */
const PAGE_LIFETIME = hours(12);
const CLIENT_LIFETIME = days(30);
/** Each token of a machine is billed. */
const MACHINE_LIFETIME = days(1);
/** A refresh token may be sent again for this long, by a client that did not receive the answer. */
const ROTATION_GRACE = seconds(10);
const MIN_PASSWORD_LENGTH = 14;
const INVITATION_DAYS = 7;

const MFA: Readonly<Record<SignInSettings['mfa'], cognito.Mfa>> = {
  off: cognito.Mfa.OFF,
  optional: cognito.Mfa.OPTIONAL,
  required: cognito.Mfa.REQUIRED,
};

/** The pool stays when the stack goes: passwords and second factors cannot be exported, so nothing could restore it. */
function createPool(scope: Construct, { settings, origin }: PeopleProps, { mfa }: SignInSettings): cognito.UserPool {
  const pool = new cognito.UserPool(scope, 'Pool', {
    userPoolName: deploymentNameOf(settings),
    featurePlan: cognito.FeaturePlan.ESSENTIALS,
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    autoVerify: { email: true },
    accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
    mfa: MFA[mfa],
    ...(mfa !== 'off' && { mfaSecondFactor: { sms: false, otp: true } }),
    passwordPolicy: {
      minLength: MIN_PASSWORD_LENGTH,
      requireLowercase: true,
      requireUppercase: true,
      requireDigits: true,
      requireSymbols: true,
      tempPasswordValidity: days(INVITATION_DAYS),
    },
    userInvitation: {
      emailSubject: `Your account at ${deploymentNameOf(settings)}`,
      emailBody:
        `Open ${origin}/ and sign in as {username} with the password {####} within ${INVITATION_DAYS} days. ` +
        'You will choose a password of your own.',
    },
    removalPolicy: cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  if (mfa !== 'required') {
    acknowledge(pool, 'AwsSolutions-COG2', 'The setting frontDoor.signIn.mfa makes a second factor a requirement.');
  }
  acknowledge(
    pool,
    'AwsSolutions-COG8',
    'Only operators create accounts. The Plus plan costs more for each person and adds what public sign-up needs.',
  );
  return pool;
}

/** Who is invited with the first deployment; undefined where the settings name nobody. */
const firstUserOf = (settings: Settings, { firstUser }: SignInSettings): string | undefined =>
  firstUser ?? settings.alerts.critical.emails[0];

/** A sentence that says what to write when the stack makes an issuer and invites nobody, else nothing. */
export function warnOfNobodyInvited(settings: Settings): string | undefined {
  const { frontDoor } = settings;
  if (frontDoor.kind === 'function-url' || frontDoor.jwt) return undefined;
  return firstUserOf(settings, signInOf(frontDoor)) === undefined
    ? 'Nobody is invited to sign in; write frontDoor.signIn.firstUser, or add people in the console of Cognito.'
    : undefined;
}

/** Invites the first person, as an operator. */
function inviteFirstUser(scope: Construct, pool: cognito.UserPool, email: string): void {
  // A parameter keeps the value of the first deployment. Otherwise another e-mail would delete the first person.
  const parameter = new cdk.CfnParameter(cdk.Stack.of(scope), 'FirstUser', {
    default: email,
    description: 'Who was invited with the first deployment. Later people are invited in the console of Cognito.',
  });
  const user = new cognito.CfnUserPoolUser(scope, 'FirstUser', {
    userPoolId: pool.userPoolId,
    username: parameter.valueAsString,
    desiredDeliveryMediums: ['EMAIL'],
    userAttributes: [
      { name: 'email', value: parameter.valueAsString },
      { name: 'email_verified', value: 'true' },
    ],
  });
  const membership = new cognito.CfnUserPoolUserToGroupAttachment(scope, 'FirstOperator', {
    userPoolId: pool.userPoolId,
    groupName: OPERATORS,
    username: user.ref,
  });
  for (const resource of [user, membership]) resource.applyRemovalPolicy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
}

/** The issuer of the deployment itself: a Cognito user pool, its clients, and the first person in it. */
export class People extends Construct {
  readonly tokens: AcceptedTokens;

  private readonly pool: cognito.UserPool;
  private readonly server: cognito.UserPoolResourceServer;
  private readonly identifier: string;

  constructor(scope: Construct, id: string, props: PeopleProps) {
    super(scope, id);
    const { settings, frontDoor, origin } = props;
    const signIn = signInOf(frontDoor);
    this.identifier = deploymentNameOf(settings);
    this.pool = createPool(this, props, signIn);
    const operators = new cognito.CfnUserPoolGroup(this, 'Operators', {
      userPoolId: this.pool.userPoolId,
      groupName: OPERATORS,
      description: 'May read everything of all tenants, and operate the deployment',
    });
    const firstUser = firstUserOf(settings, signIn);
    if (firstUser !== undefined) inviteFirstUser(this, this.pool, firstUser);
    this.node.tryFindChild('FirstOperator')?.node.addDependency(operators);
    this.server = new cognito.UserPoolResourceServer(this, 'Rights', {
      userPool: this.pool,
      identifier: this.identifier,
      scopes: Object.entries(RIGHTS).map(([scopeName, scopeDescription]) => ({ scopeName, scopeDescription })),
    });
    const domain = this.addDomain();
    const pages = [origin, ...signIn.origins].map((address) => `${address}/`);
    const page = this.addPublicClient('Page', ['read'], PAGE_LIFETIME, { callbackUrls: pages, logoutUrls: pages });
    const clients = this.addPublicClient('Clients', ['call'], CLIENT_LIFETIME, {
      callbackUrls: signIn.clientCallbacks,
    });
    for (const client of [page, clients]) this.addLoginPages(client);
    const machines = signIn.machines.map(({ name, may }) => this.addMachine(name, may));
    const readers = [this.scopeOf('read'), this.scopeOf('operate')];
    this.tokens = {
      issuer: this.pool.userPoolProviderUrl,
      audience: [
        ...[page, clients, ...machines].map(({ userPoolClientId }) => userPoolClientId),
        ...signIn.origins.flatMap(audienceOf),
      ],
      callerScopes: [this.scopeOf('call')],
      readerScopes: readers,
      operatorScope: this.scopeOf('operate'),
      metricsScope: this.scopeOf('metrics'),
      groupsClaim: GROUPS_CLAIM,
      signIn: {
        issuer: this.pool.userPoolProviderUrl,
        client_id: page.userPoolClientId,
        scopes: ['openid', 'email', this.scopeOf('read')],
        parameters: {},
        logout_parameter: 'logout_uri',
        origins: [domain],
      },
    };
    this.addOutputs(domain, clients);
  }

  private scopeOf(right: MachineRight): string {
    return `${this.identifier}/${right}`;
  }

  private oauthScopesOf(rights: readonly MachineRight[]): cognito.OAuthScope[] {
    return [...new Set(rights)].map((scopeName) =>
      cognito.OAuthScope.resourceServer(this.server, { scopeName, scopeDescription: RIGHTS[scopeName] }),
    );
  }

  /** Returns the address of the pages at which people sign in. */
  private addDomain(): string {
    const domain = this.pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: signInPrefix(this.identifier) },
      managedLoginVersion: cognito.ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    const { region } = cdk.Stack.of(this);
    return domain.baseUrl({ fips: !cdk.Token.isUnresolved(region) && region.startsWith('us-gov-') });
  }

  private addPublicClient(
    id: string,
    rights: readonly MachineRight[],
    refreshTokenValidity: cdk.Duration,
    urls: Pick<cognito.OAuthSettings, 'callbackUrls' | 'logoutUrls'>,
  ): cognito.UserPoolClient {
    return this.pool.addClient(id, {
      userPoolClientName: `${this.identifier}-${id.toLowerCase()}`,
      generateSecret: false,
      // One must be named, and those that Cognito assumes otherwise include one that excludes rotation.
      authFlows: { userSrp: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, ...this.oauthScopesOf(rights)],
        ...urls,
      },
      supportedIdentityProviders: [cognito.UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: ACCESS_LIFETIME,
      idTokenValidity: ACCESS_LIFETIME,
      refreshTokenValidity,
      refreshTokenRotationGracePeriod: ROTATION_GRACE,
    });
  }

  /** Managed login has no pages for a client without a style, not even Cognito's own. */
  private addLoginPages(client: cognito.UserPoolClient): void {
    new cognito.CfnManagedLoginBranding(client, 'Pages', {
      userPoolId: this.pool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
  }

  private addMachine(name: string, may: readonly MachineRight[]): cognito.UserPoolClient {
    const client = this.pool.addClient(`Machine-${name}`, {
      userPoolClientName: `${this.identifier}-${name}`,
      generateSecret: true,
      oAuth: { flows: { clientCredentials: true }, scopes: this.oauthScopesOf(may) },
      enableTokenRevocation: true,
      accessTokenValidity: MACHINE_LIFETIME,
    });
    const title = name.replaceAll(/(^|-)([a-z0-9])/g, (_, _hyphen, letter: string) => letter.toUpperCase());
    new cdk.CfnOutput(cdk.Stack.of(this), `${title}ClientId`, {
      value: client.userPoolClientId,
      description: `The id of the machine ${name}; docs/deploying.md says how to read its secret`,
    });
    return client;
  }

  private addOutputs(domain: string, clients: cognito.UserPoolClient): void {
    const stack = cdk.Stack.of(this);
    const outputs: Record<string, [string, string]> = {
      UserPoolId: [this.pool.userPoolId, 'Where people are added and removed'],
      McpClientId: [clients.userPoolClientId, 'The client id of MCP clients, which Cognito does not let register'],
      TokenUrl: [`${domain}/oauth2/token`, 'Where machines get their tokens'],
    };
    for (const [id, [value, description]] of Object.entries(outputs))
      new cdk.CfnOutput(stack, id, { value, description });
  }
}
