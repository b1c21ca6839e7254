import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './nag.ts';
import { allowToEncryptQueues } from './organization/key-statements.ts';
import type { Settings } from './settings.ts';

interface ScheduleProps {
  readonly settings: Pick<Settings, 'keys'>;
  readonly function: lambda.IFunction;
  /** In EventBridge Scheduler's notation: `rate(5 minutes)`, `cron(15 3 * * ? *)`. */
  readonly expression: string;
  /** By whose clocks. Default: UTC. */
  readonly timeZone?: string;
  readonly description: string;
  /** What the function is started with, as JSON. Default: an empty object. */
  readonly input?: string;
  /** Where starts that failed go, if several schedules share it. Default: a queue of its own. */
  readonly missedStarts?: sqs.Queue;
}

/** In an input, what EventBridge Scheduler replaces with the time at which it was to start. */
export const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/** Adds a queue for starts that failed. */
export function addMissedStarts(scope: Construct): sqs.Queue {
  const queue = new sqs.Queue(scope, 'MissedStarts', {
    enforceSSL: true,
    retentionPeriod: cdk.Duration.days(14),
    encryption: sqs.QueueEncryption.SQS_MANAGED,
  });
  acknowledge(queue, 'AwsSolutions-SQS3', 'It is a dead-letter queue itself.');
  return queue;
}

/** Starts a function on a schedule, under a role that may start only that one; starts that failed go to a queue. */
export class Schedule extends Construct {
  readonly missedStarts: sqs.Queue;
  /** The name of the function that it starts. */
  readonly functionName: string;
  readonly expression: string;
  readonly timeZone: string;

  constructor(scope: Construct, id: string, props: ScheduleProps) {
    super(scope, id);
    this.functionName = props.function.functionName;
    this.expression = props.expression;
    this.timeZone = props.timeZone ?? 'UTC';
    this.missedStarts = props.missedStarts ?? addMissedStarts(this);
    const stack = cdk.Stack.of(this);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
      inlinePolicies: {
        Own: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [props.function.functionArn] }),
            new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.missedStarts.queueArn] }),
            ...allowToEncryptQueues(this, props.settings),
          ],
        }),
      },
    });
    new scheduler.CfnSchedule(this, 'Schedule', {
      description: props.description,
      scheduleExpression: props.expression,
      scheduleExpressionTimezone: this.timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: props.function.functionArn,
        roleArn: role.roleArn,
        ...(props.input !== undefined && { input: props.input }),
        retryPolicy: { maximumRetryAttempts: 1, maximumEventAgeInSeconds: 300 },
        deadLetterConfig: { arn: this.missedStarts.queueArn },
      },
    });
  }
}
