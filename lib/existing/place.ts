import { Annotations, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { InvalidSettings } from '../settings.ts';

/** Where a resource is: its account and its region, each perhaps known only at deployment. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** Whether two places are the same; `unknown` while one or both of them are only known at deployment. */
export function comparePlaces(one: Place, other: Place): 'same' | 'different' | 'unknown' {
  const comparisons = [
    Token.compareStrings(one.region, other.region),
    Token.compareStrings(one.account, other.account),
  ];
  if (comparisons.includes(TokenComparison.DIFFERENT)) return 'different';
  return comparisons.every((comparison) => comparison === TokenComparison.SAME) ? 'same' : 'unknown';
}

const ASPECTS = ['region', 'account'] as const;
type Aspect = (typeof ASPECTS)[number];

interface MustBeHere {
  /** As in a sentence: `The function of the tool checkout`. */
  readonly what: string;
  readonly resource: IConstruct & { readonly env: Place };
  /** What does not work elsewhere, as in a sentence: `alarms read no metric of another`. */
  readonly because: string;
  /** Default: both. */
  readonly aspects?: readonly Aspect[];
}

/** Whether this app deploys the resource: it then refers to it, which works between stacks of one place only. */
const isDeployedHere = ({ node }: IConstruct): boolean => node.defaultChild !== undefined;

/**
 * Throws `InvalidSettings` when a resource is in another region or account than the stack of `scope`. Warns when an
 * imported resource's is known and the stack's is not: it then works in that one only.
 */
export function requireHere(scope: IConstruct, { what, resource, because, aspects = ASPECTS }: MustBeHere): void {
  const stack = Stack.of(scope);
  for (const aspect of aspects) {
    const [there, here] = [resource.env[aspect], stack[aspect]];
    const [isThereOpen, isHereOpen] = [Token.isUnresolved(there), Token.isUnresolved(here)];
    if (there === here || (isThereOpen && isHereOpen)) continue;
    if (!isThereOpen && !isHereOpen) {
      throw new InvalidSettings(
        `${what} is in the ${aspect} ${there} and the stack ${stack.node.path} in ${here}; ${because} ${aspect}. ` +
          `Move this construct into a stack of that ${aspect}.`,
      );
    }
    if (isDeployedHere(resource)) {
      throw new InvalidSettings(
        `${what} is in the stack ${Stack.of(resource).node.path}, and only one of it and the stack ` +
          `${stack.node.path} states its ${aspect}; ${because} ${aspect}. Write the same env for both stacks.`,
      );
    }
    if (isThereOpen) continue;
    Annotations.of(scope).addWarningV2(
      `toolwatch:${aspect}Unknown`,
      `${what} is in the ${aspect} ${there}, and the stack ${stack.node.path} states none; ${because} ${aspect}. ` +
        'Write env: { account, region } of the stack.',
    );
  }
}
