import { AwsError } from '../aws-error.ts';
import type { Place } from '../place.ts';
import { type AccountPolicies, createPolicyLookup } from './managed-policies.ts';
import {
  type AccessRequest,
  type Evaluation,
  evaluatePolicies,
  type Principal,
  type Statement,
  type StatementPart,
  splitStatement,
} from './policy.ts';
import { createIamHandlers } from './resources.ts';
import { type Credentials, findRole, permissionsOf, type Role } from './role.ts';

/** The access key of the account's administrator, who may do everything that no policy denies. */
export const ADMIN_CREDENTIALS: Credentials = {
  accessKeyId: 'operator',
  secretAccessKey: 'operator',
  sessionToken: '',
};

export interface AuthorizationRequest {
  principal: Principal;
  action: string;
  resource: string;
  /** The resource whose resource policy is evaluated as well; by default `resource`. */
  policyOf?: string;
  /** Only that resource policy can allow it, for every principal; KMS keys work like this. */
  byPolicyOnly?: boolean;
  /** Only the principal's own policies can allow it. */
  byPrincipalOnly?: boolean;
  context?: Readonly<Record<string, string>>;
}

/** A request that was denied. */
export interface Refusal {
  principal: string;
  action: string;
  resource: string;
  why: string;
}

/** One action and one resource of a policy statement, as patterns. */
export interface PolicyStatement {
  /** The role or the resource whose policy it is part of. */
  holder: string;
  effect: Statement['Effect'];
  action: string;
  resource: string;
  /** Whether it alone decided a request so far; if not, no request has needed it. */
  wasDecisive: boolean;
}

interface HeldEvaluation extends Evaluation {
  holder: string;
}

interface IamState {
  place: Place;
  onRefusal: (refusal: Refusal) => void;
  /** By ARN. */
  roles: Map<string, Role>;
  /** By ARN of the resource. */
  resourcePolicies: Map<string, Statement[]>;
  /** The statement parts that alone decided a request, as `keyOf` writes them. */
  decisive: Set<string>;
}

const nameOfPrincipal = (principal: Principal): string => Object.values(principal)[0] ?? '';

const contextOfEveryRequest = ({ account }: Place): AccessRequest['context'] => ({
  'aws:securetransport': 'true',
  'aws:principalaccount': account,
});

const keyOf = (holder: string, { statement, action, resource }: StatementPart): string =>
  JSON.stringify([holder, statement, action, resource]);

/** Records the statement part that a decision depends on, if there is exactly one. */
const recordDecisive = ({ decisive }: IamState, evaluations: readonly HeldEvaluation[]): void => {
  const keys = evaluations.flatMap(({ holder, parts }) => parts.map((part) => keyOf(holder, part)));
  const [key] = keys;
  if (key !== undefined && keys.length === 1) decisive.add(key);
};

const refuse = (
  { onRefusal }: IamState,
  principal: Principal,
  action: string,
  resource: string,
  why: string,
): never => {
  const refusal = { principal: nameOfPrincipal(principal), action, resource, why };
  onRefusal(refusal);
  throw new AwsError(
    'AccessDeniedException',
    `${refusal.principal} is not authorized to perform: ${action} on resource: ${resource} because ${why}`,
    403,
  );
};

const authorize = (
  state: IamState,
  {
    principal,
    action,
    resource,
    policyOf = resource,
    byPolicyOnly,
    byPrincipalOnly,
    context = {},
  }: AuthorizationRequest,
): void => {
  const { place, roles, resourcePolicies } = state;
  const request = { principal, action, resource, context: { ...contextOfEveryRequest(place), ...context } };
  const permissions = 'role' in principal ? permissionsOf(findRole(roles, principal.role)) : [];
  const ofPrincipal = { holder: nameOfPrincipal(principal), ...evaluatePolicies(permissions, request) };
  const boundary = 'role' in principal ? findRole(roles, principal.role).boundary : undefined;
  const ofBoundary = { holder: nameOfPrincipal(principal), ...evaluatePolicies(boundary ?? [], request) };
  const ofResource = { holder: policyOf, ...evaluatePolicies(resourcePolicies.get(policyOf) ?? [], request) };

  const denials = [ofPrincipal, ofResource, ofBoundary].filter(({ decision }) => decision === 'explicitDeny');
  if (denials.length > 0) {
    recordDecisive(state, denials);
    refuse(state, principal, action, resource, 'a policy denies it');
  }
  if ('person' in principal && !byPolicyOnly) return;
  if (boundary && ofBoundary.decision !== 'allow') {
    refuse(state, principal, action, resource, 'no permissions boundary allows it');
  }

  const considered = [...(byPolicyOnly ? [] : [ofPrincipal]), ...(byPrincipalOnly ? [] : [ofResource])];
  const allowances = considered.filter(({ decision }) => decision === 'allow');
  recordDecisive(state, allowances);
  if (allowances.length === 0) refuse(state, principal, action, resource, 'no policy allows it');
};

const assume = (state: IamState, arn: string, service: string): void => {
  const { place, roles } = state;
  const principal = { service };
  const action = 'sts:AssumeRole';
  const context = { ...contextOfEveryRequest(place), 'aws:sourceaccount': place.account };
  const evaluation = evaluatePolicies(findRole(roles, arn).trust, { principal, action, resource: '*', context });
  recordDecisive(state, [{ holder: arn, ...evaluation }]);
  if (evaluation.decision !== 'allow') refuse(state, principal, action, arn, 'the role does not trust it');
};

const listStatements = ({ roles, resourcePolicies, decisive }: IamState): PolicyStatement[] => {
  const policies: [holder: string, statements: readonly Statement[]][] = [
    ...[...roles.values()].map((role): [string, Statement[]] => [role.arn, [...role.trust, ...permissionsOf(role)]]),
    ...resourcePolicies,
  ];
  return policies.flatMap(([holder, statements]) =>
    statements.flatMap(splitStatement).map((part) => ({
      holder,
      effect: part.statement.Effect,
      action: part.action,
      resource: part.resource,
      wasDecisive: decisive.has(keyOf(holder, part)),
    })),
  );
};

/**
 * Roles, resource policies, and the authorization of every request. Within one account it suffices that either the
 * principal's or the resource's policies allow a request, and a denial by either is final. A role's permissions boundary
 * must allow it as well.
 */
export const createIam = (
  place: Place,
  onRefusal: (refusal: Refusal) => void,
  accountPolicies: AccountPolicies = {},
) => {
  const roles = new Map<string, Role>();
  const resourcePolicies = new Map<string, Statement[]>();
  const state: IamState = { place, onRefusal, roles, resourcePolicies, decisive: new Set() };

  return {
    /** Adds statements to a resource's policy. */
    addResourcePolicy: (arn: string, statements: readonly Statement[]): void => {
      resourcePolicies.set(arn, [...(resourcePolicies.get(arn) ?? []), ...statements]);
    },

    /** Replaces a resource's policy by these statements. */
    setResourcePolicy: (arn: string, statements: readonly Statement[]): void => {
      resourcePolicies.set(arn, [...statements]);
    },

    /** Throws `AwsError` AccessDeniedException, and reports the refusal, unless the policies allow the request. */
    authorize: (request: AuthorizationRequest): void => authorize(state, request),

    /** Throws `AwsError` AccessDeniedException, and reports the refusal, unless the role trusts the service. */
    assume: (arn: string, service: string): void => assume(state, arn, service),

    /** Every statement of the policies of roles and resources, and whether any request depended on it so far. */
    listStatements: (): PolicyStatement[] => listStatements(state),

    credentialsOf: (roleArn: string): Credentials => findRole(roles, roleArn).credentials,

    /** The role whose credentials have this access key; undefined for an unknown key. */
    findByAccessKey: (accessKeyId: string): { role: string; credentials: Credentials } | undefined => {
      const role = [...roles.values()].find(({ credentials }) => credentials.accessKeyId === accessKeyId);
      return role && { role: role.arn, credentials: role.credentials };
    },

    handlers: createIamHandlers(place, roles, createPolicyLookup(accountPolicies)),
  };
};

export type Iam = ReturnType<typeof createIam>;
