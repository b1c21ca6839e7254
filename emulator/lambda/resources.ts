import { createHash } from 'node:crypto';
import * as z from 'zod';
import { makeUpdatable, nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Iam } from '../iam/iam.ts';
import { arnOf, type Place } from '../place.ts';
import { errorMessageIn } from './environment.ts';
import { type Lambda, nameAndQualifier } from './lambda.ts';

/** What would change how a function runs and is not known here (layers, file systems, …) is refused and not ignored. */
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
        .object({ Destination: z.string().startsWith('arn:aws:s3:::', 'only a bucket is known here') })
        .optional(),
    })
    .prefault({}),
});

/** A public endpoint of a function. */
export interface FunctionUrl {
  functionArn: string;
  isPublic: boolean;
}

interface LambdaRulesOptions {
  place: Place;
  iam: Iam;
  lambda: Lambda;
  /** The folder of an asset, by its key. */
  folderOf: (key: string) => string;
}

/** What Lambda asks of a role before it puts a function into a network. */
export const NETWORK_ACTIONS = [
  'CreateNetworkInterface',
  'DescribeNetworkInterfaces',
  'DescribeSubnets',
  'DeleteNetworkInterface',
  'AssignPrivateIpAddresses',
  'UnassignPrivateIpAddresses',
].map((action) => `ec2:${action}`);

/** Functions and what belongs to them, from the template. */
export const lambdaResources = ({ place, iam, lambda, folderOf }: LambdaRulesOptions) => {
  const urls = new Map<string, FunctionUrl>();

  const rules: Record<string, ResourceHandler> = {
    'AWS::Lambda::Function': makeUpdatable(
      resourceHandler(functionProperties, async (properties, declared) => {
        const name = properties.FunctionName ?? nameOf(declared);
        const arn = arnOf(place, 'lambda', `function:${name}`);
        const { LogFormat, ApplicationLogLevel, SystemLogLevel, LogGroup } = properties.LoggingConfig;
        iam.assume(properties.Role, 'lambda.amazonaws.com');
        const asked = [
          ...(properties.VpcConfig ? NETWORK_ACTIONS : []),
          ...(properties.TracingConfig?.Mode === 'Active' ? ['xray:PutTraceSegments'] : []),
        ];
        for (const action of asked) iam.authorize({ principal: { role: properties.Role }, action, resource: '*' });
        await lambda.put(
          { name, arn, reserved: properties.ReservedConcurrentExecutions },
          {
            role: properties.Role,
            folder: folderOf(properties.Code.S3Key),
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
          },
        );
        return { ref: name, attributes: { Arn: arn }, remove: () => lambda.remove(name) };
      }),
    ),

    'AWS::Lambda::Permission': resourceHandler(permissionProperties, (properties, { logicalId }) => {
      const { arn } = lambda.functionOf(properties.FunctionName);
      // Who may call the function may not call an alias of it, and the other way round.
      const [, qualifier] = nameAndQualifier(properties.FunctionName);
      const { Principal: who, SourceArn, SourceAccount, FunctionUrlAuthType } = properties;
      iam.addResourcePolicy(arn, [
        {
          Effect: 'Allow',
          Action: [properties.Action],
          Resource: [qualifier ? `${arn}:${qualifier}` : arn],
          Principal: who === '*' ? '*' : who.endsWith('.amazonaws.com') ? { Service: [who] } : { AWS: [who] },
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
    }),

    'AWS::Lambda::EventInvokeConfig': resourceHandler(invokeConfigProperties, (properties, { logicalId }) => {
      lambda.functionOf(properties.FunctionName).asynchronous = {
        retries: properties.MaximumRetryAttempts,
        maxAgeMs: properties.MaximumEventAgeInSeconds * 1_000,
        onFailure: properties.DestinationConfig.OnFailure?.Destination,
      };
      return { ref: logicalId };
    }),

    'AWS::Lambda::Url': resourceHandler(
      z.strictObject({ TargetFunctionArn: z.string(), AuthType: z.enum(['AWS_IAM', 'NONE']) }),
      ({ TargetFunctionArn, AuthType }) => {
        const id = createHash('sha256').update(TargetFunctionArn).digest('hex').slice(0, 32);
        const url = `https://${id}.lambda-url.${place.region}.on.aws/`;
        urls.set(url, { functionArn: TargetFunctionArn, isPublic: AuthType === 'NONE' });
        return { ref: TargetFunctionArn, attributes: { FunctionUrl: url, FunctionArn: TargetFunctionArn } };
      },
    ),

    // The CDK's provider function only calls the handler and reports to CloudFormation; here nobody needs the report.
    'Custom::Trigger': makeUpdatable(
      resourceHandler(
        z.object({ ServiceToken: z.string(), HandlerArn: z.string(), InvocationType: z.literal('RequestResponse') }),
        async ({ ServiceToken, HandlerArn }, { logicalId }) => {
          const { role } = lambda.functionOf(ServiceToken).latest.configuration;
          const { failed, payload } = await lambda.invoke({ principal: { role }, function: HandlerArn, event: '{}' });
          if (failed) throw new Error(`${nameAndQualifier(HandlerArn)[0]} failed: ${errorMessageIn(payload)}`);
          return { ref: logicalId };
        },
      ),
    ),
  };
  return { rules, urls };
};
