import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { GatewayEnv } from '../lambdas/contract/env.ts';
import { type Deployment, everyFunction, functionNameOf, toolFunctionPrefix } from './deployment.ts';
import { deployFunction } from './function.ts';

interface GatewayProps {
  readonly deployment: Deployment;
  readonly calls: logs.ILogGroup;
  readonly tools: readonly lambda.IFunction[];
}

/** Lambda's own limit. A gateway that gave up before its tool would leave the call without an answer. */
const LONGEST_TIMEOUT = cdk.Duration.minutes(15);

/** MCP in, a tool's function called, its answer out. It writes to the calls' log for a tool that was killed before it could. */
export class Gateway extends Construct {
  readonly function: lambda.Function;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, { deployment, calls, tools }: GatewayProps) {
    super(scope, id);
    this.function = deployFunction<GatewayEnv>(this, {
      functionName: functionNameOf(deployment, 'gateway'),
      description: 'Speaks MCP to clients and calls the tools',
      folder: deployment.bundles.function('gateway'),
      timeout: LONGEST_TIMEOUT,
      memoryMb: 256,
      logGroup: calls,
      tracing: false,
      environment: { ...everyFunction(deployment), TOOL_FUNCTION_PREFIX: toolFunctionPrefix(deployment) },
      may: [
        new iam.PolicyStatement({
          sid: 'CallTheTools',
          actions: ['lambda:InvokeFunction'],
          resources: tools.map((tool) => tool.functionArn),
        }),
      ],
    });
    this.url = this.function.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
  }
}
