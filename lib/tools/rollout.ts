import * as cdk from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { LIVE } from '../../lambdas/contract/live.ts';
import { type Deployment, functionNameOf, toolFunctionPrefix } from '../deployment.ts';
import { acknowledge, acknowledgeWildcard } from '../nag.ts';
import type { GradualRollout } from '../settings/rollout-settings.ts';

/**
 * Shifts calls gradually to a tool's new version. When one of its alarms fires meanwhile, the previous version takes
 * all calls again, and the deployment fails and is rolled back.
 */
export class Rollout extends Construct {
  private readonly application: codedeploy.LambdaApplication;
  private readonly pace: codedeploy.ILambdaDeploymentConfig;
  private readonly role: iam.IRole;

  constructor(scope: Construct, id: string, deployment: Deployment, gradual: GradualRollout) {
    super(scope, id);
    const name = functionNameOf(deployment, 'tools');
    this.application = new codedeploy.LambdaApplication(this, 'Application', { applicationName: name });
    this.pace = new codedeploy.LambdaDeploymentConfig(this, 'Pace', { trafficRouting: routingOf(gradual) });
    this.role = roleOf(this, deployment);
  }

  /** Makes this alias shift calls at the rollout's pace. */
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

function routingOf({ kind, percent, everyMinutes }: GradualRollout): codedeploy.TrafficRouting {
  const step = { interval: cdk.Duration.minutes(everyMinutes), percentage: percent };
  return kind === 'linear'
    ? codedeploy.TrafficRouting.timeBasedLinear(step)
    : codedeploy.TrafficRouting.timeBasedCanary(step);
}

/** Like AWS's managed policy for CodeDeploy, but for the aliases of our tools only. */
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
  acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', 'IAM cannot restrict which alarms are described.');
  acknowledgeWildcard(role, aliases, 'The aliases of all tools, of which there may be hundreds.');
  return role.withoutPolicyUpdates();
}
