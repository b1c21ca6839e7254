import * as cdk from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { LIVE } from '../../lambdas/contract/live.ts';
import { type Deployment, functionNameOf, toolFunctionPrefix } from '../deployment.ts';
import { acknowledge, acknowledgeWildcard } from '../nag.ts';
import type { Gradual } from '../settings/rollout-settings.ts';

/**
 * How a tool's new version takes over from the one before: part of the calls first, then the rest. When one of the alarms
 * fires meanwhile, the version before has all calls again, and the deployment fails and is rolled back.
 */
export class Rollout extends Construct {
  private readonly application: codedeploy.LambdaApplication;
  private readonly pace: codedeploy.ILambdaDeploymentConfig;
  private readonly role: iam.IRole;

  constructor(scope: Construct, id: string, deployment: Deployment, gradual: Gradual) {
    super(scope, id);
    const name = functionNameOf(deployment, 'tools');
    this.application = new codedeploy.LambdaApplication(this, 'Application', { applicationName: name });
    this.pace = new codedeploy.LambdaDeploymentConfig(this, 'Pace', { trafficRouting: routingOf(gradual) });
    this.role = roleOf(this, deployment);
  }

  /** Has calls of this alias shift at the rollout's pace. */
  add(scope: Construct, tool: string, alias: lambda.Alias, alarms: cloudwatch.IAlarm[]): void {
    new codedeploy.LambdaDeploymentGroup(scope, 'Shift', {
      application: this.application,
      deploymentGroupName: tool,
      deploymentConfig: this.pace,
      role: this.role,
      alias,
      alarms,
      autoRollback: { deploymentInAlarm: true, failedDeployment: true, stoppedDeployment: true },
    });
  }
}

function routingOf({ kind, percent, everyMinutes }: Gradual): codedeploy.TrafficRouting {
  const step = { interval: cdk.Duration.minutes(everyMinutes), percentage: percent };
  return kind === 'linear'
    ? codedeploy.TrafficRouting.timeBasedLinear(step)
    : codedeploy.TrafficRouting.timeBasedCanary(step);
}

/** What AWS's managed policy for this says, on our tools' aliases only. */
function roleOf(scope: Construct, deployment: Deployment): iam.IRole {
  const aliases = cdk.Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: `${toolFunctionPrefix(deployment)}*:${LIVE}`,
    arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
  });
  const role = new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('codedeploy.amazonaws.com'),
    description: 'Shifts calls between versions of tools',
    inlinePolicies: {
      Own: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({ sid: 'ReadAlarms', actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }),
          new iam.PolicyStatement({
            sid: 'ShiftCalls',
            actions: ['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetProvisionedConcurrencyConfig'],
            resources: [aliases],
          }),
        ],
      }),
    },
  });
  acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', 'Alarms can only be described all together.');
  acknowledgeWildcard(role, aliases, 'The alias of each tool, of which there may be hundreds.');
  return role.withoutPolicyUpdates();
}
