import * as cdk from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { functionNameOf } from './deployment.ts';
import type { Settings } from './settings.ts';

interface DeploymentEventsProps {
  readonly settings: Settings;
  /** The stacks of the deployment, without nested ones, whose changes are theirs. */
  readonly stacks: readonly cdk.Stack[];
  /** The notifier's. */
  readonly queue: sqs.Queue;
  /** Holds what could not be put into that. */
  readonly undelivered: sqs.Queue;
}

/** How each stack's id begins, up to the part that only AWS knows. */
const idPrefixOf = (scope: Construct, { stackName }: cdk.Stack): string =>
  cdk.Stack.of(scope).formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${stackName}/` });

/** Lets a rule, and nothing else that is EventBridge's, send to a queue. */
const allowToSend = (rule: events.Rule, queue: sqs.Queue): void => {
  queue.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: `Take${rule.node.id}`,
      principals: [new iam.ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
    }),
  );
};

/** The CDK's own target would let EventBridge also ask about the queue. */
const deliver = (rule: events.Rule, queue: sqs.Queue, undelivered: sqs.Queue): void => {
  for (const each of [queue, undelivered]) allowToSend(rule, each);
  rule.addTarget({ bind: () => ({ arn: queue.queueArn, deadLetterConfig: { arn: undelivered.queueArn } }) });
};

/**
 * Hands what CloudFormation and CodeDeploy say of the deployment to the notifier. The default event bus has it, whoever
 * deploys and from wherever.
 */
export class DeploymentEvents extends Construct {
  constructor(scope: Construct, id: string, { settings, stacks, queue, undelivered }: DeploymentEventsProps) {
    super(scope, id);
    const stackRule = new events.Rule(this, 'Stacks', {
      description: 'Tells the notifier how the stacks of a deployment are doing',
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: { 'stack-id': stacks.map((stack) => ({ prefix: idPrefixOf(this, stack) })) },
      },
    });
    deliver(stackRule, queue, undelivered);
    if (settings.rollout === 'all-at-once') return;
    const shiftRule = new events.Rule(this, 'Shifts', {
      description: "Tells the notifier that calls are not moved to a tool's new version",
      eventPattern: {
        source: ['aws.codedeploy'],
        detailType: ['CodeDeploy Deployment State-change Notification'],
        detail: { application: [functionNameOf({ settings }, 'tools')], state: ['FAILURE', 'STOP'] },
      },
    });
    deliver(shiftRule, queue, undelivered);
  }
}
