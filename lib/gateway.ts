import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { GatewayEnv } from '../lambdas/contract/env.ts';
import { LIVE } from '../lambdas/contract/live.ts';
import { allCallWriterNames, type Deployment, functionNameOf, toolFunctionPrefix } from './deployment.ts';
import { frontDoorVariables, mcpEndpointVariables } from './front-door/front-door-variables.ts';
import { deployFunction } from './function.ts';
import { acknowledgeWildcard } from './nag.ts';
import { HTTP_API_TIMEOUT_SECONDS } from './settings/front-door-settings.ts';
import type { Settings } from './settings.ts';

interface GatewayProps {
  readonly deployment: Deployment;
  readonly calls: logs.ILogGroup;
}

/** As long as anybody waits: a gateway that gave up before would leave the call without an answer, one that went on would answer nobody. */
const patienceOf = ({ frontDoor }: Settings): cdk.Duration =>
  frontDoor.kind === 'http-api' ? cdk.Duration.seconds(HTTP_API_TIMEOUT_SECONDS - 1) : cdk.Duration.minutes(15);

/** MCP in, a tool's function called, its answer out. It writes to the calls' log for a tool that was killed before it could. */
export class Gateway extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { deployment, calls }: GatewayProps) {
    super(scope, id);
    const toolArns = arnsOfTools(this, deployment);
    this.function = deployFunction<GatewayEnv>(this, {
      functionName: functionNameOf(deployment, 'gateway'),
      description: 'Speaks MCP to clients and calls the tools',
      folder: deployment.bundles.function('gateway'),
      timeout: patienceOf(deployment.settings),
      memoryMb: deployment.settings.gatewayMemoryMb,
      logGroup: calls,
      tracing: deployment.settings.tracing,
      environment: {
        ...allCallWriterNames(deployment),
        ...frontDoorVariables(deployment.settings),
        ...mcpEndpointVariables(deployment.settings),
        TOOL_FUNCTION_PREFIX: toolFunctionPrefix(deployment),
      },
      may: [
        new iam.PolicyStatement({
          sid: 'CallTheTools',
          actions: ['lambda:InvokeFunction'],
          resources: toolArns,
        }),
      ],
    });
    for (const pattern of toolArns.filter((arn) => arn.endsWith('*'))) {
      acknowledgeWildcard(
        this,
        pattern,
        'Only functions of tools are called so, and a role has no room for so many names.',
      );
    }
  }
}

/** A role's policies hold 10,240 characters: some 100 names of functions. */
const MOST_TOOLS_NAMED = 60;

function arnsOfTools(scope: Construct, deployment: Deployment): string[] {
  const prefix = toolFunctionPrefix(deployment);
  const { tools } = deployment;
  const names = tools.length > MOST_TOOLS_NAMED ? ['*'] : tools.map(({ facts }) => `${facts.name}:${LIVE}`);
  return names.map((name) =>
    cdk.Stack.of(scope).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: `${prefix}${name}`,
      arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
}
