import * as cdk from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../nag.ts';

/** SQS's limit; with the visibility timeout, what waits for the store comes back for four days before it is put aside. */
const MAX_RECEIVES = 1_000;
/** Six times the timeout of `collect`, as AWS recommends. */
const VISIBILITY = cdk.Duration.minutes(6);

/** Holds accepted jobs until the store has them. */
export class JobQueue extends Construct {
  readonly queue: sqs.Queue;
  /** Holds what the store never took, and what is no job. */
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      enforceSSL: true,
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      retentionPeriod: cdk.Duration.days(14),
    });
    acknowledge(this.deadLetters, 'AwsSolutions-SQS3', 'It is a dead-letter queue itself.');
    this.queue = new sqs.Queue(this, 'Queue', {
      enforceSSL: true,
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      visibilityTimeout: VISIBILITY,
      retentionPeriod: cdk.Duration.days(14),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
  }
}
