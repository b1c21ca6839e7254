import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { GatewayEnv } from '../lambdas/contract/env.ts';
import { type Deployment, everyCallWriter, functionNameOf, toolFunctionPrefix } from './deployment.ts';
import { deployFunction } from './function.ts';
import { acknowledgeWildcard } from './nag.ts';

interface GatewayProps {
  readonly deployment: Deployment;
  readonly calls: logs.ILogGroup;
}

/** Lambda's own limit. A gateway that gave up before its tool would leave the call without an answer. */
const LONGEST_TIMEOUT = cdk.Duration.minutes(15);

/** MCP in, a tool's function called, its answer out. It writes to the calls' log for a tool that was killed before it could. */
export class Gateway extends Construct {
  readonly function: lambda.Function;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, { deployment, calls }: GatewayProps) {
    super(scope, id);
    const toolArns = arnsOfTools(this, deployment);
    this.function = deployFunction<GatewayEnv>(this, {
      functionName: functionNameOf(deployment, 'gateway'),
      description: 'Speaks MCP to clients and calls the tools',
      folder: deployment.bundles.function('gateway'),
      timeout: LONGEST_TIMEOUT,
      memoryMb: 256,
      logGroup: calls,
      tracing: deployment.settings.tracing,
      environment: { ...everyCallWriter(deployment), TOOL_FUNCTION_PREFIX: toolFunctionPrefix(deployment) },
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
    this.url = this.function.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
  }
}

/** A role's policies hold 10,240 characters: some 100 names of functions. */
const MOST_TOOLS_NAMED = 60;

function arnsOfTools(scope: Construct, deployment: Deployment): string[] {
  const prefix = toolFunctionPrefix(deployment);
  const { tools } = deployment;
  const names = tools.length > MOST_TOOLS_NAMED ? ['*'] : tools.map(({ facts }) => facts.name);
  return names.map((name) =>
    cdk.Stack.of(scope).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: `${prefix}${name}`,
      arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
}
