import * as z from 'zod';

const strings = z.union([z.string().transform((text) => [text]), z.array(z.string())]);

/** A policy statement. An element that is not supported (`NotAction`, …) is refused at deployment, never ignored. */
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: strings,
  Resource: strings.default(['*']),
  Principal: z
    .union([z.literal('*'), z.strictObject({ Service: strings.optional(), AWS: strings.optional() })])
    .optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.coerce.string().or(z.array(z.string())))).default({}),
});
export type Statement = z.infer<typeof statement>;

export const policyDocument = z.strictObject({ Version: z.string().optional(), Statement: z.array(statement) });

/** Who makes a request: a role (by ARN), an AWS service, or a person who administers the account. */
export type Principal = { role: string } | { service: string } | { person: string };

/** A request as policies evaluate it. */
export interface AccessRequest {
  principal: Principal;
  action: string;
  resource: string;
  /** Condition keys, in lower case. */
  context: Readonly<Record<string, string>>;
}

const wildcardPattern = (wildcard: string, flags = ''): RegExp =>
  new RegExp(
    `^${wildcard
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    `s${flags}`,
  );

const isLike = (expected: string, actual: string): boolean => wildcardPattern(expected).test(actual);
const isEqual = (expected: string, actual: string): boolean => expected === actual;

const CONDITION_OPERATORS: Record<string, (expected: string, actual: string) => boolean> = {
  StringEquals: isEqual,
  StringLike: isLike,
  ArnEquals: isLike,
  ArnLike: isLike,
  Bool: (expected, actual) => expected.toLowerCase() === actual.toLowerCase(),
};

/** Every operator and every key must match, a key by one of its values. A key absent from the request never matches. */
const matchesCondition = (condition: Statement['Condition'], context: AccessRequest['context']): boolean =>
  Object.entries(condition).every(([operator, keys]) => {
    const compare = CONDITION_OPERATORS[operator];
    if (!compare) throw new Error(`The emulator does not support the condition operator ${operator}`);
    return Object.entries(keys).every(([key, values]) => {
      const actual = context[key.toLowerCase()];
      return actual !== undefined && [values].flat().some((expected) => compare(expected, actual));
    });
  });

const accountOf = (arn: string): string | undefined => arn.split(':')[4];

/** A statement without a principal belongs to a role's own policy and applies to that role. */
const matchesPrincipal = (element: Statement['Principal'], { principal, context }: AccessRequest): boolean => {
  if (element === undefined || element === '*') return true;
  if ('service' in principal) return element.Service?.includes(principal.service) ?? false;
  const role = 'role' in principal ? principal.role : undefined;
  const account = role === undefined ? context['aws:principalaccount'] : accountOf(role);
  const covered = ['*', role, account];
  return (element.AWS ?? []).some((entry) => covered.includes(entry) || entry.endsWith(`::${account}:root`));
};

/** One action pattern and one resource pattern of a statement. */
export interface StatementPart {
  statement: Statement;
  action: string;
  resource: string;
}

/** Every pair of an action and a resource that a statement lists. */
export const splitStatement = (statement: Statement): StatementPart[] =>
  statement.Action.flatMap((action) => statement.Resource.map((resource) => ({ statement, action, resource })));

const matchingParts = (statement: Statement, request: AccessRequest): StatementPart[] => {
  if (!matchesPrincipal(statement.Principal, request)) return [];
  if (!matchesCondition(statement.Condition, request.context)) return [];
  return splitStatement(statement).filter(
    ({ action, resource }) => wildcardPattern(action, 'i').test(request.action) && isLike(resource, request.resource),
  );
};

/** The outcome of one set of statements, and the parts of statements that caused it. */
export interface Evaluation {
  decision: 'allow' | 'explicitDeny' | 'implicitDeny';
  parts: StatementPart[];
}

/** Evaluates a request against a set of statements; without a matching statement it is denied implicitly. */
export const evaluatePolicies = (statements: readonly Statement[], request: AccessRequest): Evaluation => {
  const matching = statements.flatMap((statement) => matchingParts(statement, request));
  const denying = matching.filter(({ statement }) => statement.Effect === 'Deny');
  if (denying.length > 0) return { decision: 'explicitDeny', parts: denying };
  return { decision: matching.length > 0 ? 'allow' : 'implicitDeny', parts: matching };
};
