import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ToolEnv } from '../../lambdas/contract/env.ts';
import { LIVE } from '../../lambdas/contract/live.ts';
import { DEFAULT_MEMORY_MB, type ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { allCallWriterNames, type Deployment, toolFunctionPrefix } from '../deployment.ts';
import { tenantsVariable } from '../front-door/front-door-variables.ts';
import { deployFunction } from '../function.ts';
import { InvalidSettings, type Settings } from '../settings.ts';

interface ToolFunctionProps {
  readonly deployment: Deployment;
  readonly facts: ToolFacts;
  readonly calls: logs.ILogGroup;
  readonly api: lambda.IFunction;
}

/** Lambda's timeout comes after the tool's own, so that a tool that times out still writes its line. */
const SECONDS_TO_WRITE_THE_LINE = 5;

/** A tool. Outside the network, because tools call the world; it may write lines, and ask the api function if its facts say so. */
export class ToolFunction extends Construct {
  readonly function: lambda.Function;
  /** What callers call. */
  readonly live: lambda.Alias;

  constructor(scope: Construct, id: string, { deployment, facts, calls, api }: ToolFunctionProps) {
    super(scope, id);
    this.function = deployFunction<ToolEnv>(this, {
      functionName: `${toolFunctionPrefix(deployment)}${facts.name}`,
      description: facts.description.slice(0, 256),
      folder: deployment.bundles.tool(facts.name),
      handler: 'index.default',
      timeout: cdk.Duration.seconds(facts.timeoutSeconds + SECONDS_TO_WRITE_THE_LINE),
      memoryMb: facts.memoryMb ?? DEFAULT_MEMORY_MB,
      logGroup: calls,
      tracing: deployment.settings.tracing,
      environment: {
        ...valuesOf(facts, deployment.settings),
        ...allCallWriterNames(deployment),
        ...(facts.asksApi ? { API_FUNCTION: api.functionName, ...tenantsVariable(deployment.settings) } : {}),
      },
      may: facts.asksApi
        ? [
            new iam.PolicyStatement({
              sid: 'AskTheApi',
              actions: ['lambda:InvokeFunction'],
              resources: [api.functionArn],
            }),
          ]
        : [],
    });
    // Every deployment's version is another, for its name is on every line.
    this.live = new lambda.Alias(this, 'Live', {
      aliasName: LIVE,
      version: this.function.currentVersion as lambda.IVersion,
    });
  }
}

/** The values of the variables a tool's facts name. Throws `WrongSettings` for the one that has none. */
function valuesOf({ name, settings: wanted = [] }: ToolFacts, { toolSettings }: Settings): Record<string, string> {
  return Object.fromEntries(
    wanted.map((variable) => {
      const value = toolSettings[variable];
      if (value === undefined) {
        throw new InvalidSettings(
          `Setting toolSettings.${variable}: the tool ${name} reads it; write its value under toolSettings.`,
        );
      }
      return [variable, value];
    }),
  );
}
