import { CfnResource, Stack, Stage, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { comparePlaces } from './place.ts';

/** Where two resources of one name exclude each other. */
type Reach = 'region' | 'account' | 'world';

interface Naming {
  /** The properties that together are the name. */
  readonly properties: readonly string[];
  readonly noun: string;
  readonly reach: Reach;
  /** Default: our own settings decide the name. */
  readonly remedy?: string;
}

const OTHER_SETTING = 'write another setting service, environment or deploymentName for one';
const inRegion = (noun: string, ...properties: string[]): Naming => ({ properties, noun, reach: 'region' });

/** The types of resources whose names exclude others. */
const NAMED_BY: Readonly<Record<string, Naming>> = {
  'AWS::CloudWatch::Alarm': inRegion('alarm', 'alarmName'),
  'AWS::CloudWatch::CompositeAlarm': inRegion('alarm', 'alarmName'),
  'AWS::CloudWatch::AlarmMuteRule': inRegion('mute', 'name'),
  'AWS::CloudWatch::Dashboard': { properties: ['dashboardName'], noun: 'dashboard', reach: 'account' },
  'AWS::CodeDeploy::Application': inRegion('CodeDeploy application', 'applicationName'),
  'AWS::IAM::Role': { properties: ['roleName'], noun: 'role', reach: 'account' },
  'AWS::Lambda::Function': inRegion('function', 'functionName'),
  'AWS::Logs::LogGroup': inRegion('log group', 'logGroupName'),
  'AWS::Logs::SubscriptionFilter': {
    ...inRegion('subscription', 'logGroupName', 'filterName'),
    remedy: 'write another callLogName for one',
  },
  'AWS::RDS::DBProxy': inRegion('database proxy', 'dbProxyName'),
  'AWS::S3::Bucket': { properties: ['bucketName'], noun: 'bucket', reach: 'world' },
  'AWS::SecretsManager::Secret': inRegion('secret', 'name'),
  'AWS::SNS::Topic': inRegion('topic', 'topicName'),
  'AWS::SQS::Queue': inRegion('queue', 'queueName'),
};
const STACK: Naming = { ...inRegion('stack name', 'stackName'), remedy: 'write another stackName for one' };

interface Named extends Naming {
  /** As its stack's template states it. */
  readonly name: unknown;
}

/** Parts of a name that are the same wherever two stacks are in one account and region. */
const PLACE_PARAMETERS = ['AWS::Region', 'AWS::AccountId', 'AWS::Partition', 'AWS::URLSuffix'];

const parametersIn = (name: unknown): string[] =>
  [...JSON.stringify(name).matchAll(/"(?:Ref|Fn::GetAtt|Fn::ImportValue)":"?([^"]*)/g)].map(([, found = '']) => found);

/** Whether a name is written out, but for where it is deployed: others are compared by CloudFormation only. */
const isWrittenOut = (name: unknown): boolean =>
  parametersIn(name).every((parameter) => PLACE_PARAMETERS.includes(parameter));

function readName(construct: IConstruct): Named[] {
  const isStack = Stack.isStack(construct) && !construct.nested;
  const naming = CfnResource.isCfnResource(construct) ? NAMED_BY[construct.cfnResourceType] : undefined;
  const named = isStack ? STACK : naming;
  if (!named) return [];
  const parts: unknown[] = named.properties.map((property) =>
    Stack.of(construct).resolve(Reflect.get(construct, property)),
  );
  if (parts.some((part) => part === undefined || !isWrittenOut(part))) return [];
  // A name that has the region in it only excludes others there.
  const reach = parts.some((part) => parametersIn(part).includes('AWS::Region')) ? 'region' : named.reach;
  return [{ ...named, reach, name: parts.length === 1 ? parts[0] : parts }];
}

const keyOf = ({ noun, name }: Named): string => `${noun} ${JSON.stringify(name)}`;

/** Names that two stacks give to resources, and whether both can be deployed. */
export interface NameClash {
  /** In a sentence that says what to write. */
  readonly problem: string;
  /** False while it is unknown whether the two are deployed into one account and region. */
  readonly isCertain: boolean;
}

/**
 * Names below a construct, and of its stack, that the app also gives to something else of the kind: one clash for each
 * other stack.
 */
export function findNameClashes(scope: IConstruct): NameClash[] {
  const own = [Stack.of(scope), ...scope.node.findAll()];
  const ownNames = new Map(own.flatMap(readName).map((named) => [keyOf(named), named]));
  const isOwn = new Set(own);
  const clashes = new Map<Stack, Named[]>();
  for (const construct of scope.node.root.node.findAll()) {
    if (isOwn.has(construct)) continue;
    for (const other of readName(construct).filter((named) => ownNames.has(keyOf(named)))) {
      const stack = Stack.of(construct);
      clashes.set(stack, [...(clashes.get(stack) ?? []), other]);
    }
  }
  return [...clashes].flatMap(([stack, named]) => describeClash(Stack.of(scope), stack, named));
}

/** Whether two stacks are where a name of this reach excludes another; `unknown` while that is known at deployment only. */
const compareWithin = (reach: Reach, here: Stack, there: Stack): ReturnType<typeof comparePlaces> => {
  if (reach === 'world') return 'same';
  const region = reach === 'account' ? { region: '' } : {};
  return comparePlaces(
    { account: here.account, region: here.region, ...region },
    { account: there.account, region: there.region, ...region },
  );
};

function describeClash(here: Stack, there: Stack, named: readonly Named[]): NameClash[] {
  const [first, ...others] = named.filter(({ reach }) => compareWithin(reach, here, there) !== 'different');
  if (!first) return [];
  const have =
    here === there
      ? `The stack ${here.node.path} has twice`
      : `The stacks ${here.node.path} and ${there.node.path} both have`;
  const name = typeof first.name === 'string' ? first.name : JSON.stringify(first.name);
  const more = others.length > 0 ? ` and ${others.length} more of one name` : '';
  const whole = { region: 'an account and region', account: 'an account', world: 'AWS' }[first.reach];
  return [
    {
      problem:
        `${have} the ${first.noun} ${name}${more}, but ${whole} can have it once; ${first.remedy ?? OTHER_SETTING}` +
        `${first.reach === 'world' ? '.' : ', or state env of both stacks if they are in different places.'}`,
      isCertain: isCertainlyOnePlace(first.reach, here, there),
    },
  ];
}

/** Two stacks whose places are both unknown and written the same are deployed into one, unless each has its stage. */
const isCertainlyOnePlace = (reach: Reach, here: Stack, there: Stack): boolean => {
  if (compareWithin(reach, here, there) === 'same') return true;
  const isOneText =
    reach === 'account'
      ? here.account === there.account || (Token.isUnresolved(here.account) && Token.isUnresolved(there.account))
      : here.environment === there.environment;
  return Stage.of(here) === Stage.of(there) && isOneText;
};
