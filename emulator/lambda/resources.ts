import { createHash } from 'node:crypto';
import * as z from 'zod';
import {
  assertNameIsFree,
  makeUpdatable,
  nameOf,
  type ResourceHandler,
  resourceHandler,
} from '../cloudformation/resource-handler.ts';
import type { Iam } from '../iam/iam.ts';
import type { Statement } from '../iam/policy.ts';
import { arnOf, type Place } from '../place.ts';
import { errorMessageIn } from './environment.ts';
import { type Lambda, nameAndQualifier } from './lambda.ts';
import type { Configuration } from './versions.ts';

/** Properties that would change how a function runs and are not supported (layers, file systems, …) are refused. */
const functionProperties = z.strictObject({
  FunctionName: z.string().optional(),
  Description: z.string().optional(),
  Architectures: z.array(z.string()).optional(),
  TracingConfig: z.strictObject({ Mode: z.enum(['Active', 'PassThrough']) }).optional(),
  Tags: z.unknown().optional(),
  Code: z.strictObject({ S3Bucket: z.string().optional(), S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string().startsWith('nodejs'),
  Role: z.string(),
  MemorySize: z.int().default(128),
  Timeout: z.int().default(3),
  Environment: z.object({ Variables: z.record(z.string(), z.string()).default({}) }).prefault({}),
  ReservedConcurrentExecutions: z.int().optional(),
  LoggingConfig: z
    .strictObject({
      LogFormat: z.enum(['JSON', 'Text']).default('Text'),
      ApplicationLogLevel: z.string().default('INFO'),
      SystemLogLevel: z.string().default('INFO'),
      LogGroup: z.string().optional(),
    })
    .prefault({}),
  VpcConfig: z
    .strictObject({ SecurityGroupIds: z.array(z.string()).default([]), SubnetIds: z.array(z.string()).optional() })
    .optional(),
});

const permissionProperties = z.strictObject({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
  FunctionUrlAuthType: z.string().optional(),
  InvokedViaFunctionUrl: z.boolean().optional(),
});

const invokeConfigProperties = z.object({
  FunctionName: z.string(),
  MaximumRetryAttempts: z.int().default(2),
  MaximumEventAgeInSeconds: z.int().default(21_600),
  DestinationConfig: z
    .strictObject({
      OnFailure: z
        .object({ Destination: z.string().startsWith('arn:aws:s3:::', 'the emulator supports only a bucket') })
        .optional(),
    })
    .prefault({}),
});

const urlProperties = z.strictObject({
  TargetFunctionArn: z.string(),
  AuthType: z.enum(['AWS_IAM', 'NONE']),
  InvokeMode: z.enum(['BUFFERED', 'RESPONSE_STREAM']).default('BUFFERED'),
});

const triggerProperties = z.object({
  ServiceToken: z.string(),
  HandlerArn: z.string(),
  InvocationType: z.literal('RequestResponse'),
});

/** A Function URL's target. */
export interface FunctionUrl {
  functionArn: string;
  isPublic: boolean;
  isStreamed: boolean;
}

interface LambdaResourcesOptions {
  place: Place;
  iam: Iam;
  lambda: Lambda;
  /** The folder of an asset, by its key. */
  folderOf: (key: string) => string;
}

/** What a function's role must allow so that Lambda can place the function into a network. */
export const NETWORK_ACTIONS = [
  'CreateNetworkInterface',
  'DescribeNetworkInterfaces',
  'DescribeSubnets',
  'DeleteNetworkInterface',
  'AssignPrivateIpAddresses',
  'UnassignPrivateIpAddresses',
].map((action) => `ec2:${action}`);

type FunctionProperties = z.output<typeof functionProperties>;

const requiredActionsOf = ({ VpcConfig, TracingConfig }: FunctionProperties): string[] => [
  ...(VpcConfig ? NETWORK_ACTIONS : []),
  ...(TracingConfig?.Mode === 'Active' ? ['xray:PutTraceSegments'] : []),
];

const configurationOf = (name: string, folder: string, properties: FunctionProperties): Configuration => {
  const { LogFormat, ApplicationLogLevel, SystemLogLevel, LogGroup } = properties.LoggingConfig;
  return {
    role: properties.Role,
    folder,
    handler: properties.Handler,
    memoryMb: properties.MemorySize,
    timeoutMs: properties.Timeout * 1_000,
    variables: properties.Environment.Variables,
    securityGroups: properties.VpcConfig?.SecurityGroupIds ?? [],
    logging: {
      format: LogFormat,
      applicationLevel: ApplicationLogLevel,
      systemLevel: SystemLogLevel,
      group: LogGroup ?? `/aws/lambda/${name}`,
    },
  };
};

const createFunctionHandler = ({ place, iam, lambda, folderOf }: LambdaResourcesOptions): ResourceHandler =>
  makeUpdatable(
    resourceHandler(functionProperties, async (properties, declared) => {
      const name = properties.FunctionName ?? nameOf(declared);
      assertNameIsFree(name, declared, lambda.exists(name));
      const arn = arnOf(place, 'lambda', `function:${name}`);
      const { Role: role, Code, ReservedConcurrentExecutions: reserved } = properties;
      iam.assume(role, 'lambda.amazonaws.com');
      for (const action of requiredActionsOf(properties)) iam.authorize({ principal: { role }, action, resource: '*' });
      await lambda.put({ name, arn, reserved }, configurationOf(name, folderOf(Code.S3Key), properties));
      return { ref: name, attributes: { Arn: arn }, remove: () => lambda.remove(name) };
    }),
  );

const toPrincipalElement = (principal: string): Statement['Principal'] => {
  if (principal === '*') return '*';
  return principal.endsWith('.amazonaws.com') ? { Service: [principal] } : { AWS: [principal] };
};

const createPermissionHandler = ({ iam, lambda }: LambdaResourcesOptions): ResourceHandler =>
  resourceHandler(permissionProperties, (properties, { logicalId }) => {
    const { arn } = lambda.functionOf(properties.FunctionName);
    // A permission for a function does not cover its aliases, nor the other way round.
    const [, qualifier] = nameAndQualifier(properties.FunctionName);
    const { SourceArn, SourceAccount, FunctionUrlAuthType } = properties;
    iam.addResourcePolicy(arn, [
      {
        Effect: 'Allow',
        Action: [properties.Action],
        Resource: [qualifier ? `${arn}:${qualifier}` : arn],
        Principal: toPrincipalElement(properties.Principal),
        Condition: {
          ...(SourceArn && { ArnLike: { 'aws:SourceArn': SourceArn } }),
          StringEquals: {
            ...(SourceAccount && { 'aws:SourceAccount': SourceAccount }),
            ...(FunctionUrlAuthType && { 'lambda:FunctionUrlAuthType': FunctionUrlAuthType }),
          },
        },
      },
    ]);
    return { ref: logicalId };
  });

const createEventInvokeConfigHandler = ({ lambda }: LambdaResourcesOptions): ResourceHandler =>
  resourceHandler(invokeConfigProperties, (properties, { logicalId }) => {
    lambda.functionOf(properties.FunctionName).asynchronous = {
      retries: properties.MaximumRetryAttempts,
      maxAgeMs: properties.MaximumEventAgeInSeconds * 1_000,
      onFailure: properties.DestinationConfig.OnFailure?.Destination,
    };
    return { ref: logicalId };
  });

const createUrlHandler = ({ place }: LambdaResourcesOptions, urls: Map<string, FunctionUrl>): ResourceHandler =>
  resourceHandler(urlProperties, ({ TargetFunctionArn, AuthType, InvokeMode }) => {
    const id = createHash('sha256').update(TargetFunctionArn).digest('hex').slice(0, 32);
    const url = `https://${id}.lambda-url.${place.region}.on.aws/`;
    urls.set(url, {
      functionArn: TargetFunctionArn,
      isPublic: AuthType === 'NONE',
      isStreamed: InvokeMode === 'RESPONSE_STREAM',
    });
    return { ref: TargetFunctionArn, attributes: { FunctionUrl: url, FunctionArn: TargetFunctionArn } };
  });

/** The CDK's trigger. Its provider function only invokes the handler and reports to CloudFormation: no report here. */
const createTriggerHandler = ({ lambda }: LambdaResourcesOptions): ResourceHandler =>
  makeUpdatable(
    resourceHandler(triggerProperties, async ({ ServiceToken, HandlerArn }, { logicalId }) => {
      const { role } = lambda.functionOf(ServiceToken).latest.configuration;
      const { failed, payload } = await lambda.invoke({ principal: { role }, function: HandlerArn, event: '{}' });
      if (failed) throw new Error(`${nameAndQualifier(HandlerArn)[0]} failed: ${errorMessageIn(payload)}`);
      return { ref: logicalId };
    }),
  );

/** Handlers for functions and the resources that refer to them, and the Function URLs that they create. */
export const createLambdaResources = (options: LambdaResourcesOptions) => {
  const urls = new Map<string, FunctionUrl>();
  const handlers: Record<string, ResourceHandler> = {
    'AWS::Lambda::Function': createFunctionHandler(options),
    'AWS::Lambda::Permission': createPermissionHandler(options),
    'AWS::Lambda::EventInvokeConfig': createEventInvokeConfigHandler(options),
    'AWS::Lambda::Url': createUrlHandler(options, urls),
    'Custom::Trigger': createTriggerHandler(options),
  };
  return { handlers, urls };
};
