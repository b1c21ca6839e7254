import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import type { SmokeEnv } from '../lambdas/contract/env.ts';
import { alarmName } from './alarms/alarm.ts';
import { allFunctionNames, type Deployment, functionNameOf } from './deployment.ts';
import { createLogGroup, deployFunction } from './function.ts';
import { acknowledge } from './nag.ts';
import { InvalidSettings, type Settings } from './settings.ts';
import { type SeverityTopics, severitiesWithRecipients } from './topics.ts';

interface SmokeProps {
  readonly deployment: Deployment;
  readonly test: Exclude<Settings['smokeTest'], false>;
  readonly topics: SeverityTopics;
  /** Everything it proves: deployed before it runs. */
  readonly after: Construct[];
}

/** Beyond its patience: a tool's start, and the questions that follow. */
const SECONDS_TO_ASK = 180;

/** Proves at the end of each deployment that a call arrives everywhere, and fails the deployment when it does not. */
export class Smoke extends Construct {
  constructor(scope: Construct, id: string, { deployment, test, topics, after }: SmokeProps) {
    super(scope, id);
    const { settings } = deployment;
    const tool = toolToCall(deployment, test);
    const told = severitiesWithRecipients(settings).map((severity) => topics.bySeverity[severity].topicArn);
    // By name: one provider runs all triggers, so this function may wait for nothing that waits for the migration.
    const [gateway, api] = [functionNameOf(deployment, 'gateway'), functionNameOf(deployment, 'api')];
    const timeout = cdk.Duration.seconds(test.patienceSeconds + SECONDS_TO_ASK);
    const handler = deployFunction<SmokeEnv>(this, {
      functionName: functionNameOf(deployment, 'smoke'),
      description: 'Proves after a deployment that a call arrives everywhere',
      folder: deployment.bundles.function('smoke'),
      timeout,
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${settings.service}/smoke`, settings.logRetentionDays),
      tracing: false,
      environment: {
        ...allFunctionNames(deployment),
        GATEWAY_FUNCTION: gateway,
        API_FUNCTION: api,
        INGEST_FUNCTION: functionNameOf(deployment, 'ingest'),
        SMOKE_TOOL: tool,
        SMOKE_ARGUMENTS: JSON.stringify(test.arguments),
        SMOKE_ALARM: alarmName(settings, `tool/${tool}/failing`),
        SMOKE_PATIENCE_SECONDS: String(test.patienceSeconds),
        TOPICS_WITH_TARGETS: told.join(','),
      },
      may: [
        new iam.PolicyStatement({
          sid: 'CallAndAsk',
          actions: ['lambda:InvokeFunction'],
          resources: [gateway, api].map((name) => arnOf(this, name)),
        }),
        new iam.PolicyStatement({
          sid: 'LookAtMetricsAndAlarms',
          actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'],
          resources: ['*'],
        }),
        ...(told.length > 0
          ? [
              new iam.PolicyStatement({
                sid: 'LookWhoIsTold',
                actions: ['sns:ListSubscriptionsByTopic'],
                resources: told,
              }),
            ]
          : []),
      ],
    });
    acknowledge(this, 'AwsSolutions-IAM5[Resource::*]', 'Metrics and alarms are read as a whole or not at all.');
    new Trigger(this, 'AfterDeploy', { handler, timeout, executeAfter: after });
  }
}

const arnOf = (scope: Construct, functionName: string) =>
  cdk.Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionName,
    arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
  });

/** The tool that is called: the setting's, else the first that changes nothing and takes these arguments. Throws `WrongSettings`. */
function toolToCall({ tools }: Deployment, { tool, arguments: args }: SmokeProps['test']): string {
  const named = tool === undefined ? undefined : tools.find(({ facts }) => facts.name === tool);
  if (tool !== undefined && !named?.facts.readOnly) {
    throw new InvalidSettings(`Setting smokeTest.tool: ${tool} is no read-only tool of the list; write one that is.`);
  }
  const candidates = named ? [named] : tools.filter(({ facts }) => facts.readOnly);
  const chosen = candidates.find(({ facts }) => facts.input.safeParse(args).success);
  if (!chosen) {
    throw new InvalidSettings(
      `Setting smokeTest: ${named ? `${tool} does not take` : 'no read-only tool takes'} the arguments ${JSON.stringify(args)}; write smokeTest: { tool, arguments }, or false.`,
    );
  }
  return chosen.facts.name;
}
