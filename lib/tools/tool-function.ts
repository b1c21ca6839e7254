import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ToolEnv } from '../../lambdas/contract/env/tool.ts';
import { LIVE } from '../../lambdas/contract/live.ts';
import { DEFAULT_MEMORY_MB, type ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { callWriterVariables, type Deployment, toolFunctionPrefix } from '../deployment.ts';
import { tenantsVariable } from '../front-door/front-door-variables.ts';
import { deployFunction } from '../function.ts';
import { allowToEncryptQueues } from '../organization/key-statements.ts';
import type { Settings } from '../settings.ts';
import { allowWhatFactsState } from './tool-permissions.ts';
import { allowToReadSecrets, locateSecrets } from './tool-secrets.ts';

interface ToolFunctionProps {
  readonly deployment: Deployment;
  readonly facts: ToolFacts;
  readonly calls: logs.ILogGroup;
  readonly api: lambda.IFunction;
  /** The notifier's queue of custom notices. */
  readonly customNotices: sqs.IQueue;
}

/** Lambda's timeout comes this much after the tool's own, so that a call that times out still writes its line. */
const OVERHEAD_SECONDS = 5;

/**
 * A tool's function. Outside the network, because tools call the internet; it may write lines, and do what
 * its facts say: read secrets, invoke the api function, ask for notices, and what they allow.
 */
export class ToolFunction extends Construct {
  readonly function: lambda.Function;
  /** What the gateway invokes. */
  readonly live: lambda.Alias;

  constructor(scope: Construct, id: string, props: ToolFunctionProps) {
    super(scope, id);
    const { deployment, facts, calls, api, customNotices } = props;
    this.function = deployFunction<ToolEnv>(this, {
      functionName: `${toolFunctionPrefix(deployment)}${facts.name}`,
      description: facts.description.slice(0, 256),
      folder: deployment.bundles.tool(facts.name),
      handler: 'index.default',
      timeout: cdk.Duration.seconds(facts.timeoutSeconds + OVERHEAD_SECONDS),
      memoryMb: facts.memoryMb ?? DEFAULT_MEMORY_MB,
      logGroup: calls,
      tracing: deployment.settings.tracing,
      network: deployment.network,
      logLevel: facts.logLevel ?? deployment.settings.logLevel,
      environment: {
        ...toolVariables(facts, deployment.settings),
        ...(facts.secrets ? { TOOLWATCH_SECRETS: JSON.stringify(locateSecrets(deployment.settings, [facts])) } : {}),
        ...callWriterVariables(deployment),
        ...(facts.asksApi ? { API_FUNCTION: api.functionName, ...tenantsVariable(deployment.settings) } : {}),
        ...(facts.notifies ? { CUSTOM_NOTICES_QUEUE: customNotices.queueUrl } : {}),
      },
      may: [
        ...(facts.asksApi ? [allowToAsk(api)] : []),
        ...(facts.notifies ? [allowToNotify(customNotices), ...allowToEncryptQueues(this, deployment.settings)] : []),
        ...allowToReadSecrets(this, deployment.settings, facts),
        ...allowWhatFactsState(this, facts),
      ],
    });
    // Each deployment publishes a version, because its name is in the environment, for every line.
    this.live = new lambda.Alias(this, 'Live', {
      aliasName: LIVE,
      version: this.function.currentVersion as lambda.IVersion,
    });
  }
}

const allowToAsk = (api: lambda.IFunction): iam.PolicyStatement =>
  new iam.PolicyStatement({ sid: 'AskTheApi', actions: ['lambda:InvokeFunction'], resources: [api.functionArn] });

const allowToNotify = (customNotices: sqs.IQueue): iam.PolicyStatement =>
  new iam.PolicyStatement({
    sid: 'RequestNotices',
    actions: ['sqs:SendMessage'],
    resources: [customNotices.queueArn],
  });

/** The values of the variables that a tool's facts name; all have one, or nothing is synthesized. */
const toolVariables = ({ settings: variables = [] }: ToolFacts, { toolSettings }: Settings): Record<string, string> =>
  Object.fromEntries(variables.map((variable) => [variable, toolSettings[variable] ?? '']));
