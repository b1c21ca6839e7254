import * as cdk from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { GatewayEnv } from '../lambdas/contract/env/gateway.ts';
import { callWriterVariables, type Deployment, functionNameOf, toolFunctionPrefix } from './deployment.ts';
import type { AcceptedTokens } from './front-door/accepted-tokens.ts';
import {
  callerVariables,
  frontDoorVariables,
  mcpEndpointVariables,
  requestVariables,
} from './front-door/front-door-variables.ts';
import { deployFunction } from './function.ts';
import { HTTP_API_TIMEOUT_SECONDS } from './settings/front-door-settings.ts';
import type { Settings } from './settings.ts';
import { allowToCallTools } from './tools/call-tools.ts';

interface GatewayProps {
  readonly deployment: Deployment;
  readonly calls: logs.ILogGroup;
  /** The tokens that the front door accepts; undefined where IAM admits callers. */
  readonly tokens: AcceptedTokens | undefined;
}

/**
 * As long as the client waits: a shorter timeout would leave calls without an answer, a longer one would answer a
 * closed connection.
 */
const timeoutOf = ({ frontDoor }: Settings): cdk.Duration =>
  frontDoor.kind === 'http-api' ? cdk.Duration.seconds(HTTP_API_TIMEOUT_SECONDS - 1) : cdk.Duration.minutes(15);

/**
 * Whether clients receive how far their calls have come, where a tool reports it: an HTTP API answers as a whole, and a
 * function in a network does not stream through its URL.
 */
const sendsProgress = ({ settings, tools, network }: Deployment): boolean =>
  settings.frontDoor.kind === 'function-url' && network === undefined && tools.some(({ facts }) => facts.progress);

/**
 * Takes a call by MCP, invokes the tool's function and returns its answer. Writes the line of a call whose tool the
 * platform killed.
 */
export class Gateway extends Construct {
  readonly function: lambda.Function;
  /** Whether its answers are streams, which its Function URL must know. */
  readonly isStreamed: boolean;

  constructor(scope: Construct, id: string, { deployment, calls, tokens }: GatewayProps) {
    super(scope, id);
    this.isStreamed = sendsProgress(deployment);
    this.function = deployFunction<GatewayEnv>(this, {
      functionName: functionNameOf(deployment, 'gateway'),
      description: 'Answers MCP clients and calls the tools',
      folder: deployment.bundles.function('gateway'),
      handler: this.isStreamed ? 'index.streamingHandler' : 'index.handler',
      timeout: timeoutOf(deployment.settings),
      memoryMb: deployment.settings.gatewayMemoryMb,
      logGroup: calls,
      tracing: deployment.settings.tracing,
      network: deployment.network,
      logLevel: deployment.settings.logLevel,
      environment: {
        ...callWriterVariables(deployment),
        ...frontDoorVariables(deployment.settings, tokens),
        ...mcpEndpointVariables(deployment.settings, tokens),
        ...requestVariables(deployment.settings),
        ...callerVariables(deployment.settings),
        TOOL_FUNCTION_PREFIX: toolFunctionPrefix(deployment),
      },
      may: [allowToCallTools(this, deployment)],
    });
  }
}
