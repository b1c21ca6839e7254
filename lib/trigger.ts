import * as cdk from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Trigger, type TriggerProps } from 'aws-cdk-lib/triggers';
import type { Construct } from 'constructs';
import type { Deployment } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { allowInterfaces } from './function.ts';
import { applyOrganizationRules } from './organization/rules.ts';

/** The id that the CDK gives, in each stack, to the function of its own that runs all triggers. */
const PROVIDER = 'AWSCDK.TriggerCustomResourceProviderCustomResourceProvider';
const LOG = 'ToolwatchTriggerLog';

/** Runs a function during each deployment that changes it. */
export function addTrigger(scope: Construct, id: string, deployment: Deployment, props: TriggerProps): void {
  new Trigger(scope, id, props);
  setUpProvider(cdk.Stack.of(scope), deployment);
}

/**
 * Places the CDK's function where ours are, and gives it a log group with a retention, and a role that may only write to
 * it. Left alone, Lambda creates the log group at the first call, retains it for ever, and leaves it behind.
 */
function setUpProvider(stack: cdk.Stack, { settings, network }: Deployment): void {
  if (stack.node.tryFindChild(LOG)) return;
  const provider = stack.node.findChild(PROVIDER);
  const [handler, role] = ['Handler', 'Role'].map((id) => provider.node.findChild(id));
  if (!(handler instanceof cdk.CfnResource && role instanceof cdk.CfnResource)) {
    throw new Error(`The CDK's construct ${PROVIDER} has changed: it has no Handler and no Role.`);
  }
  const log = new logs.LogGroup(stack, LOG, {
    logGroupName: `/${deploymentNameOf(settings)}/triggers`,
    retention: settings.logRetentionDays,
    removalPolicy: cdk.RemovalPolicy.DESTROY,
  });
  // In another app's stack they are outside of what is ours.
  for (const construct of [provider, log]) applyOrganizationRules(construct, settings);
  handler.addPropertyOverride('LoggingConfig.LogGroup', log.logGroupName);
  role.addPropertyDeletionOverride('ManagedPolicyArns');
  if (!(provider instanceof cdk.CustomResourceProviderBase)) return;
  provider.addToRolePolicy({
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: [log.logGroupArn],
  });
  if (!network) return;
  handler.addPropertyOverride('VpcConfig', {
    SubnetIds: network.vpc.selectSubnets(network.subnets).subnetIds,
    SecurityGroupIds: [network.securityGroup.securityGroupId],
  });
  provider.addToRolePolicy(allowInterfaces().toStatementJson());
}
