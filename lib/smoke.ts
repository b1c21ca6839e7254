import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { SmokeEnv } from '../lambdas/contract/env/smoke.ts';
import { alarmName } from './alarms/alarm.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction } from './function.ts';
import { acknowledge } from './nag.ts';
import { InvalidSettings, type Settings } from './settings.ts';
import { type SeverityTopics, severitiesToCheck } from './topics.ts';
import { addTrigger } from './trigger.ts';

interface SmokeProps {
  readonly deployment: Deployment;
  readonly test: Exclude<Settings['smokeTest'], false>;
  readonly topics: SeverityTopics;
  /** Everything it tests: deployed before it runs. */
  readonly after: Construct[];
}

/** What it takes beside waiting for the call to arrive: a tool's start, and the checks that follow. */
const OVERHEAD_SECONDS = 180;

/** Checks at the end of each deployment that a call arrives everywhere, and fails the deployment when it does not. */
export class Smoke extends Construct {
  constructor(scope: Construct, id: string, { deployment, test, topics, after }: SmokeProps) {
    super(scope, id);
    const { settings } = deployment;
    const tool = chooseTool(deployment, test);
    const topicArns = severitiesToCheck(settings).map((severity) => topics.bySeverity[severity].topicArn);
    // By name: one provider runs all triggers, so this function must not depend on anything that waits for the
    // migration.
    const called = (['gateway', 'api', 'notify'] as const).map((part) => functionNameOf(deployment, part));
    const [gateway = '', api = '', notifier = ''] = called;
    const timeout = cdk.Duration.seconds(test.timeoutSeconds + OVERHEAD_SECONDS);
    const handler = deployFunction<SmokeEnv>(this, {
      functionName: functionNameOf(deployment, 'smoke'),
      description: 'Checks after a deployment that a call arrives everywhere',
      folder: deployment.bundles.function('smoke'),
      timeout,
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/smoke`, settings.logRetentionDays),
      tracing: false,
      network: deployment.network,
      logLevel: deployment.settings.logLevel,
      environment: {
        ...commonVariables(deployment),
        GATEWAY_FUNCTION: gateway,
        API_FUNCTION: api,
        NOTIFIER_FUNCTION: notifier,
        INGEST_FUNCTION: functionNameOf(deployment, 'ingest'),
        SMOKE_TOOL: tool,
        SMOKE_ARGUMENTS: JSON.stringify(test.arguments),
        SMOKE_ALARM: alarmName(settings, `tool/${tool}/failing`),
        SMOKE_TIMEOUT_SECONDS: String(test.timeoutSeconds),
        TOPICS_WITH_TARGETS: topicArns.join(','),
      },
      may: [
        new iam.PolicyStatement({
          sid: 'CallTheGatewayTheApiAndTheNotifier',
          actions: ['lambda:InvokeFunction'],
          resources: called.map((name) => arnOf(this, name)),
        }),
        new iam.PolicyStatement({
          sid: 'ReadMetricsAndAlarms',
          actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'],
          resources: ['*'],
        }),
        ...(topicArns.length > 0
          ? [
              new iam.PolicyStatement({
                sid: 'ListSubscriptions',
                actions: ['sns:ListSubscriptionsByTopic'],
                resources: topicArns,
              }),
            ]
          : []),
      ],
    });
    acknowledge(this, 'AwsSolutions-IAM5[Resource::*]', 'IAM cannot restrict which metrics and alarms are read.');
    addTrigger(this, 'AfterDeploy', deployment, { handler, timeout, executeAfter: after });
  }
}

const arnOf = (scope: Construct, functionName: string) =>
  cdk.Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionName,
    arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
  });

/**
 * The tool to call: the setting's, else the first read-only one that takes these arguments. Throws `InvalidSettings`.
 */
function chooseTool({ tools }: Deployment, { tool, arguments: args }: SmokeProps['test']): string {
  const named = tool === undefined ? undefined : tools.find(({ facts }) => facts.name === tool);
  if (tool !== undefined && !named?.facts.readOnly) {
    throw new InvalidSettings(
      `Setting smokeTest.tool: ${tool} is not a read-only tool of the list; write the name of one.`,
    );
  }
  const candidates = named ? [named] : tools.filter(({ facts }) => facts.readOnly);
  const chosen = candidates.find(({ facts }) => facts.input.safeParse(args).success);
  if (!chosen) {
    const refusal = named ? `${tool} does not take` : 'no read-only tool takes';
    throw new InvalidSettings(
      `Setting smokeTest: ${refusal} the arguments ${JSON.stringify(args)}; ` +
        'write smokeTest: { tool, arguments }, or false.',
    );
  }
  return chosen.facts.name;
}
