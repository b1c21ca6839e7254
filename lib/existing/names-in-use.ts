import { CfnResource, Stack, Stage } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { comparePlaces } from './place.ts';

/** The properties that name a resource, where two of one name exclude each other in a region. */
const NAMED_BY: Readonly<Record<string, { property: string; noun: string }>> = {
  'AWS::CloudWatch::Alarm': { property: 'alarmName', noun: 'alarm' },
  'AWS::CloudWatch::CompositeAlarm': { property: 'alarmName', noun: 'alarm' },
  'AWS::CloudWatch::Dashboard': { property: 'dashboardName', noun: 'dashboard' },
  'AWS::Lambda::Function': { property: 'functionName', noun: 'function' },
  'AWS::Logs::LogGroup': { property: 'logGroupName', noun: 'log group' },
};

interface NamedResource {
  readonly resource: CfnResource;
  readonly noun: string;
  /** As its stack's template states it. */
  readonly name: unknown;
}

/** Parts of a name that are the same wherever two stacks are in one account and region. */
const PLACE_PARAMETERS = ['AWS::Region', 'AWS::AccountId', 'AWS::Partition', 'AWS::URLSuffix'];

/** Whether a name is written out, but for where it is deployed: others are compared by CloudFormation only. */
function isWrittenOut(name: unknown): boolean {
  const parameters = [...JSON.stringify(name).matchAll(/"(?:Ref|Fn::GetAtt|Fn::ImportValue)":"?([^"]*)/g)];
  return parameters.every(([, parameter = '']) => PLACE_PARAMETERS.includes(parameter));
}

function readName(construct: IConstruct): NamedResource[] {
  if (!CfnResource.isCfnResource(construct)) return [];
  const named = NAMED_BY[construct.cfnResourceType];
  if (!named) return [];
  const name: unknown = Stack.of(construct).resolve(Reflect.get(construct, named.property));
  return name !== undefined && isWrittenOut(name) ? [{ resource: construct, noun: named.noun, name }] : [];
}

const keyOf = ({ noun, name }: NamedResource): string => `${noun} ${JSON.stringify(name)}`;

/** Names that two stacks give to resources, and whether both can be deployed. */
export interface NameClash {
  /** In a sentence that says what to write. */
  readonly problem: string;
  /** False while it is unknown whether the two are deployed into one account and region. */
  readonly isCertain: boolean;
}

/** Names below a construct that the app also gives to something else of the kind: one clash for each other stack. */
export function findNameClashes(scope: IConstruct): NameClash[] {
  const own = scope.node.findAll();
  const ownNames = new Map(own.flatMap(readName).map((named) => [keyOf(named), named]));
  const isOwn = new Set(own);
  const clashes = new Map<Stack, NamedResource[]>();
  for (const construct of scope.node.root.node.findAll()) {
    if (isOwn.has(construct)) continue;
    for (const other of readName(construct).filter((named) => ownNames.has(keyOf(named)))) {
      const stack = Stack.of(construct);
      clashes.set(stack, [...(clashes.get(stack) ?? []), other]);
    }
  }
  return [...clashes].flatMap(([stack, named]) => describeClash(Stack.of(scope), stack, named));
}

function describeClash(here: Stack, there: Stack, [first, ...others]: readonly NamedResource[]): NameClash[] {
  const comparison = comparePlaces(here, there);
  if (comparison === 'different' || !first) return [];
  const have =
    here === there
      ? `The stack ${here.node.path} has twice`
      : `The stacks ${here.node.path} and ${there.node.path} both have`;
  const name = typeof first.name === 'string' ? first.name : JSON.stringify(first.name);
  const more = others.length > 0 ? ` and ${others.length} more of one name` : '';
  return [
    {
      problem:
        `${have} the ${first.noun} ${name}${more}, but an account and region can have it once; ` +
        'write another setting service for one, or state env of both stacks if they are in different places.',
      isCertain:
        comparison === 'same' || (Stage.of(here) === Stage.of(there) && here.environment === there.environment),
    },
  ];
}
