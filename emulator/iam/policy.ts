import * as z from 'zod';

const strings = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

/** A statement of a policy. An element this file does not judge (NotAction, …) is refused at the start, never ignored. */
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

/** Who asks: a function under its role, an AWS service, or a person who administers the account. */
export type Principal = { role: string } | { service: string } | { person: string };

export interface Ask {
  principal: Principal;
  action: string;
  resource: string;
  /** Condition keys, in lower case. */
  context: Readonly<Record<string, string>>;
}

const pattern = (wildcard: string, flags = ''): RegExp =>
  new RegExp(
    `^${wildcard
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    `s${flags}`,
  );

const like = (wildcard: string, value: string): boolean => pattern(wildcard).test(value);
const same = (wanted: string, value: string): boolean => wanted === value;

const OPERATORS: Record<string, (wanted: string, value: string) => boolean> = {
  StringEquals: same,
  StringLike: like,
  ArnEquals: like,
  ArnLike: like,
  Bool: (wanted, value) => wanted.toLowerCase() === value.toLowerCase(),
};

/** Every operator and every key must hold; one of a key's values is enough. A key nobody set holds nothing. */
const conditionHolds = (condition: Statement['Condition'], context: Ask['context']): boolean =>
  Object.entries(condition).every(([operator, keys]) => {
    const compare = OPERATORS[operator];
    if (!compare) throw new Error(`The local run does not know the condition operator ${operator}`);
    return Object.entries(keys).every(([key, wanted]) => {
      const value = context[key.toLowerCase()];
      return value !== undefined && [wanted].flat().some((one) => compare(one, value));
    });
  });

const accountOf = (arn: string): string | undefined => arn.split(':')[4];

/** A statement without a principal is a role's own, and speaks of that role. */
const speaksOf = (named: Statement['Principal'], { principal: asking, context }: Ask): boolean => {
  if (named === undefined || named === '*') return true;
  if ('service' in asking) return named.Service?.includes(asking.service) ?? false;
  const account = 'role' in asking ? accountOf(asking.role) : context['aws:principalaccount'];
  return (named.AWS ?? []).some(
    (one) =>
      one === '*' || ('role' in asking && one === asking.role) || one === account || one.endsWith(`::${account}:root`),
  );
};

/** What an answer rests on: a statement, with the pattern of the action and that of the resource that fit. */
export interface Ground {
  statement: Statement;
  action: string;
  resource: string;
}

/** Everything a statement says, one action and one resource at a time. */
export const matchingStatements = (statement: Statement): Ground[] =>
  statement.Action.flatMap((action) => statement.Resource.map((resource) => ({ statement, action, resource })));

const groundsIn = (one: Statement, ask: Ask): Ground[] =>
  speaksOf(one.Principal, ask) && conditionHolds(one.Condition, ask.context)
    ? matchingStatements(one).filter(
        ({ action, resource }) => pattern(action, 'i').test(ask.action) && like(resource, ask.resource),
      )
    : [];

/** What a set of statements says to somebody who asks, and why; silence allows nothing. */
export const evaluatePolicies = (
  statements: readonly Statement[],
  ask: Ask,
): { verdict: 'allowed' | 'denied' | 'silent'; grounds: Ground[] } => {
  const all = statements.flatMap((one) => groundsIn(one, ask));
  const denying = all.filter(({ statement }) => statement.Effect === 'Deny');
  if (denying.length > 0) return { verdict: 'denied', grounds: denying };
  return { verdict: all.length > 0 ? 'allowed' : 'silent', grounds: all };
};
