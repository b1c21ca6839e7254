import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import { makeUpdatable, nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Place } from '../place.ts';
import {
  evaluatePolicies,
  type Ground,
  matchingStatements,
  type Principal,
  policyDocument,
  type Statement,
} from './policy.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** The keys of whoever runs this machine; may do everything, as an account's administrator may. */
export const OPERATOR_KEYS: Credentials = { accessKeyId: 'operator', secretAccessKey: 'operator', sessionToken: '' };

interface Role {
  arn: string;
  trust: readonly Statement[];
  /** What it may do by itself, and by policies attached to it. */
  own: readonly Statement[];
  attached: Map<string, readonly Statement[]>;
  credentials: Credentials;
}

export interface Request {
  principal: Principal;
  action: string;
  resource: string;
  /** The resource whose own policy is asked too; by default `resource`. */
  policyOf?: string;
  /** That policy must allow it, whoever asks: so it is with keys. */
  byPolicyOnly?: boolean;
  context?: Readonly<Record<string, string>>;
}

/** A refusal, in the words of who is refused what. */
export interface Refusal {
  principal: string;
  action: string;
  resource: string;
  why: string;
}

/** One thing a policy says: an action on a resource, by their patterns. */
export interface PolicyStatement {
  /** The role, or the resource, whose policy it is. */
  holder: string;
  effect: Statement['Effect'];
  action: string;
  resource: string;
  /** Whether some answer rested on this alone. */
  decided: boolean;
}

/** Policies that AWS keeps, as far as templates here name them. */
const MANAGED: Record<string, Statement[]> = {
  'service-role/AWSLambdaBasicExecutionRole': [
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: ['*'],
      Condition: {},
    },
  ],
};

const managed = (arn: string): Statement[] => {
  const known = MANAGED[arn.slice(arn.indexOf(':policy/') + ':policy/'.length)];
  if (!known) throw new Error(`The local run does not know what the managed policy ${arn} allows`);
  return structuredClone(known);
};

const makeCredentials = (): Credentials => ({
  accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
  secretAccessKey: randomBytes(20).toString('hex'),
  sessionToken: randomBytes(16).toString('hex'),
});

const mayDo = ({ own, attached }: Role): Statement[] => [...own, ...[...attached.values()].flat()];

const wordsFor = (principal: Principal): string => Object.values(principal)[0] ?? '';

/**
 * Roles, policies of resources, and the one question everything else asks: may they? Within one account an allowance of
 * either side is enough, and a denial of either side is final.
 */
export const createIam = (place: Place, onRefusal: (refusal: Refusal) => void) => {
  const roles = new Map<string, Role>();
  const policies = new Map<string, Statement[]>();
  /** By holder, what alone decided an answer. */
  const decisive = new Set<string>();
  const everyRequest = { 'aws:securetransport': 'true', 'aws:principalaccount': place.account };

  const arnOfRole = (name: string) => `arn:${place.partition}:iam::${place.account}:role/${name}`;

  const roleOf = (arn: string): Role => {
    const role = roles.get(arn);
    if (!role) throw new Error(`There is no role ${arn}`);
    return role;
  };

  const keyOf = (holder: string, { statement, action, resource }: Ground): string =>
    JSON.stringify([holder, statement, action, resource]);

  /** Takes down what an answer rests on, when it is one thing: each thing said with whose policy says it. */
  const note = (...all: { holder: string; grounds: readonly Ground[] }[]): void => {
    const keys = all.flatMap(({ holder, grounds }) => grounds.map((ground) => keyOf(holder, ground)));
    const [only] = keys;
    if (only !== undefined && keys.length === 1) decisive.add(only);
  };

  const refuse = (principal: Principal, action: string, resource: string, why: string): never => {
    const refusal = { principal: wordsFor(principal), action, resource, why };
    onRefusal(refusal);
    throw new AwsError(
      'AccessDeniedException',
      `${refusal.principal} is not authorized to perform: ${action} on resource: ${resource} because ${why}`,
      403,
    );
  };

  return {
    /** The policy of a resource gains these statements. */
    addResourcePolicy: (arn: string, statements: readonly Statement[]): void => {
      policies.set(arn, [...(policies.get(arn) ?? []), ...statements]);
    },

    /** The policy of a resource becomes these statements and nothing else. */
    setResourcePolicy: (arn: string, statements: readonly Statement[]): void => {
      policies.set(arn, [...statements]);
    },

    /** Throws `AwsError` AccessDeniedException, and reports the refusal, unless the policies allow it. */
    authorize: ({ principal, action, resource, policyOf = resource, byPolicyOnly, context = {} }: Request): void => {
      const ask = { principal, action, resource, context: { ...everyRequest, ...context } };
      const own = 'role' in principal ? mayDo(roleOf(principal.role)) : [];
      const answers = [
        { holder: wordsFor(principal), ...evaluatePolicies(own, ask) },
        { holder: policyOf, ...evaluatePolicies(policies.get(policyOf) ?? [], ask) },
      ];
      const denials = answers.filter(({ verdict }) => verdict === 'denied');
      if (denials.length > 0) {
        note(...denials);
        refuse(principal, action, resource, 'a policy denies it');
      }
      if ('person' in principal && !byPolicyOnly) return;
      const allowances = answers.filter(
        ({ holder, verdict }) => verdict === 'allowed' && (holder === policyOf || !byPolicyOnly),
      );
      note(...allowances);
      if (allowances.length === 0) refuse(principal, action, resource, 'no policy allows it');
    },

    /** Throws unless the role lets this service act under it. */
    assume: (arn: string, service: string): void => {
      const context = { ...everyRequest, 'aws:sourceaccount': place.account };
      const ask = { principal: { service }, action: 'sts:AssumeRole', resource: '*', context };
      const { verdict, grounds } = evaluatePolicies(roleOf(arn).trust, ask);
      note({ holder: arn, grounds });
      if (verdict !== 'allowed') refuse({ service }, 'sts:AssumeRole', arn, 'the role does not trust it');
    },

    /** Everything that policies of roles and resources say, and what of it was ever needed. */
    said: (): PolicyStatement[] =>
      [
        ...[...roles.values()].map((role) => ({ holder: role.arn, statements: [...role.trust, ...mayDo(role)] })),
        ...[...policies].map(([holder, statements]) => ({ holder, statements })),
      ].flatMap(({ holder, statements }) =>
        statements.flatMap(matchingStatements).map((ground) => ({
          holder,
          effect: ground.statement.Effect,
          action: ground.action,
          resource: ground.resource,
          decided: decisive.has(keyOf(holder, ground)),
        })),
      ),

    credentialsOf: (arn: string): Credentials => roleOf(arn).credentials,

    /** The role these credentials were given to, and its secret; nothing for a key we never gave. */
    holderOf: (accessKeyId: string): { role: string; credentials: Credentials } | undefined => {
      for (const { arn, credentials } of roles.values()) {
        if (credentials.accessKeyId === accessKeyId) return { role: arn, credentials };
      }
      return undefined;
    },

    rules: {
      'AWS::IAM::Role': makeUpdatable(
        resourceHandler(roleProperties, (properties, declared) => {
          const name = properties.RoleName ?? nameOf(declared);
          const arn = arnOfRole(name);
          const own = [
            ...properties.ManagedPolicyArns.flatMap(managed),
            ...properties.Policies.flatMap((one) => one.PolicyDocument.Statement),
          ];
          const trust = properties.AssumeRolePolicyDocument.Statement;
          // Who acts under a role goes on while what it may do changes.
          const { attached = new Map(), credentials = makeCredentials() } = roles.get(arn) ?? {};
          roles.set(arn, { arn, trust, own, attached, credentials });
          return { ref: name, attributes: { Arn: arn, RoleId: name }, remove: () => void roles.delete(arn) };
        }),
      ),
      'AWS::IAM::Policy': makeUpdatable(
        resourceHandler(policyProperties, ({ Roles, PolicyName, PolicyDocument }) => {
          const detach = () => {
            for (const { attached } of roles.values()) attached.delete(PolicyName);
          };
          detach();
          for (const name of Roles) roleOf(arnOfRole(name)).attached.set(PolicyName, PolicyDocument.Statement);
          return { ref: PolicyName, remove: detach };
        }),
      ),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type Iam = ReturnType<typeof createIam>;

/** What would let a role do less, as a boundary does, is refused and not ignored. */
const roleProperties = z.strictObject({
  RoleName: z.string().optional(),
  Description: z.string().optional(),
  AssumeRolePolicyDocument: policyDocument,
  Policies: z.array(z.strictObject({ PolicyName: z.string().optional(), PolicyDocument: policyDocument })).default([]),
  ManagedPolicyArns: z.array(z.string()).default([]),
  Tags: z.unknown().optional(),
});
const policyProperties = z.strictObject({
  PolicyName: z.string(),
  PolicyDocument: policyDocument,
  Roles: z.array(z.string()).default([]),
});
