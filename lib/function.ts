import * as cdk from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Variables } from '../lambdas/contract/env/read-variables.ts';
import type { LogLevel } from '../lambdas/contract/vocabulary.ts';
import { acknowledge, acknowledgeWildcard } from './nag.ts';

export interface Network {
  readonly vpc: ec2.IVpc;
  /** Of the VPC; they need no route to the internet. */
  readonly subnets: ec2.SubnetSelection;
  /** Of the functions. That of those with database connections may reach the database and nothing else. */
  readonly securityGroup: ec2.ISecurityGroup;
  /** What one function may reach beside that. */
  readonly furtherSecurityGroups?: readonly ec2.ISecurityGroup[];
}

export interface FunctionProps<Env> {
  readonly functionName: string;
  readonly description: string;
  /** Of its bundle. */
  readonly folder: string;
  readonly handler?: string;
  /** Complete: leaving out a variable is a compile error. */
  readonly environment: Variables<Env>;
  readonly timeout: cdk.Duration;
  readonly memoryMb: number;
  readonly logGroup: logs.ILogGroup;
  /** What it may do beside writing its log and, in a network, having an interface there. */
  readonly may: iam.PolicyStatement[];
  readonly reservedConcurrency?: number;
  /** Stated by each function, so that none is forgotten where all must be in a network. */
  readonly network: Network | undefined;
  readonly tracing: boolean;
  readonly logLevel: LogLevel;
}

/** Adds a function whose own role lists everything it may do; the CDK adds nothing to it afterwards. */
export function deployFunction<Env>(scope: Construct, props: FunctionProps<Env>): lambda.Function {
  const { network } = props;
  const role = new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    description: `What ${props.functionName} may do`,
    inlinePolicies: {
      Own: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({
            sid: 'WriteItsLog',
            actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            resources: [props.logGroup.logGroupArn],
          }),
          ...(network ? networkStatements(scope, props.functionName) : []),
          ...(props.tracing ? [tracingStatement()] : []),
          ...props.may,
        ],
      }),
    },
  });
  if (network || props.tracing) {
    acknowledge(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      'Interfaces of a VPC and traces cannot be scoped to a resource.',
    );
  }
  if (!(props.logGroup instanceof logs.LogGroup)) {
    acknowledgeWildcard(role, props.logGroup.logGroupArn, 'The streams of one log group.');
  }
  return new lambda.Function(scope, 'Function', {
    functionName: props.functionName,
    description: props.description,
    code: lambda.Code.fromAsset(props.folder),
    handler: props.handler ?? 'index.handler',
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    role: role.withoutPolicyUpdates(),
    environment: { ...props.environment } as Record<string, string>,
    timeout: props.timeout,
    memorySize: props.memoryMb,
    logGroup: props.logGroup,
    loggingFormat: lambda.LoggingFormat.JSON,
    // At a higher level Lambda would drop the lines that state no level it knows, and with them every metric.
    applicationLogLevelV2: lambda.ApplicationLogLevel[props.logLevel],
    systemLogLevelV2: lambda.SystemLogLevel.WARN,
    tracing: props.tracing ? lambda.Tracing.ACTIVE : lambda.Tracing.DISABLED,
    ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
    ...(network
      ? {
          vpc: network.vpc,
          vpcSubnets: network.subnets,
          // They need no way to the internet, which they would not have there.
          allowPublicSubnet: true,
          securityGroups: [network.securityGroup, ...(network.furtherSecurityGroups ?? [])],
        }
      : {}),
  });
}

/** Creates the log group of one function. Nothing subscribes to it: ingest would be fed its own log. */
export const createLogGroup = (scope: Construct, name: string, days: number): logs.LogGroup =>
  new logs.LogGroup(scope, 'Log', {
    logGroupName: name,
    retention: days,
    removalPolicy: cdk.RemovalPolicy.DESTROY,
  });

const NETWORK_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** What AWS's managed policy for functions in a VPC allows: Lambda uses the function's role for it. */
export const allowInterfaces = (): iam.PolicyStatement =>
  new iam.PolicyStatement({ sid: 'LetLambdaPlaceIt', actions: NETWORK_ACTIONS, resources: ['*'] });

/** The same, but denied to the function's own code. */
function networkStatements(scope: Construct, functionName: string): iam.PolicyStatement[] {
  const own = cdk.Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionName,
    arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
  });
  return [
    allowInterfaces(),
    new iam.PolicyStatement({
      sid: 'NotByItsOwnCode',
      effect: iam.Effect.DENY,
      actions: NETWORK_ACTIONS,
      resources: ['*'],
      conditions: { ArnEquals: { 'lambda:SourceFunctionArn': own } },
    }),
  ];
}

const tracingStatement = () =>
  new iam.PolicyStatement({
    sid: 'Trace',
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    resources: ['*'],
  });
