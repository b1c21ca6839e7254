import * as cdk from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { CONCURRENT_DELIVERIES, type DeliveredChannel } from '../../lambdas/contract/channels.ts';
import type { DeliverEnv } from '../../lambdas/contract/env/deliver.ts';
import { callWriterVariables, type Deployment, functionNameOf } from '../deployment.ts';
import { deployFunction } from '../function.ts';
import { allowToEncryptQueues } from '../organization/key-statements.ts';
import { ownSettingsOf, secretNameOf } from '../settings/alert-channel-settings.ts';
import { allowToReadSecrets, locateSecrets } from '../tools/tool-secrets.ts';
import { type ChannelQueue, DELIVER_TIMEOUT } from './channel-queues.ts';
import { channelReaders, channelSecretSettings } from './channel-secrets.ts';

interface DeliverProps {
  readonly deployment: Deployment;
  /** Where lines of calls are: each attempt is one. */
  readonly calls: logs.ILogGroup;
  readonly channels: readonly ChannelQueue[];
  /** The notifier's, with what is remembered of channels. */
  readonly table: dynamodb.Table;
}

const toDelivered = ({ channel, queue, deadLetters }: ChannelQueue): DeliveredChannel => ({
  name: channel.name,
  type: channel.type,
  queue: queue.queueArn,
  queueUrl: queue.queueUrl,
  deadLettersUrl: deadLetters.queueUrl,
  secret: secretNameOf(channel),
  settings: ownSettingsOf(channel),
  allowPrivateAddresses: channel.allowPrivateAddresses,
});

/**
 * Delivers the notices in the queues of channels. It is outside of the database's network, because channels are on the
 * internet, and because it must work when the database does not.
 */
export class Deliver extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: DeliverProps) {
    super(scope, id);
    this.function = this.addFunction(props);
    for (const { channel, queue } of props.channels) {
      new lambda.CfnEventSourceMapping(this, `Mapping-${channel.name}`, {
        eventSourceArn: queue.queueArn,
        functionName: this.function.functionName,
        // One notice may wait for its channel, and takes the time of no other.
        batchSize: 1,
        functionResponseTypes: ['ReportBatchItemFailures'],
        scalingConfig: { maximumConcurrency: CONCURRENT_DELIVERIES },
      });
    }
  }

  private addFunction({ deployment, calls, channels, table }: DeliverProps): lambda.Function {
    const settings = channelSecretSettings(deployment.settings);
    const readers = channelReaders(settings);
    return deployFunction<DeliverEnv>(this, {
      functionName: functionNameOf(deployment, 'deliver'),
      description: 'Delivers notices to channels',
      folder: deployment.bundles.function('deliver'),
      timeout: DELIVER_TIMEOUT,
      memoryMb: 256,
      logGroup: calls,
      tracing: false,
      network: deployment.network,
      logLevel: settings.logLevel,
      // Its own, so that tools which use up the account's concurrency do not silence it.
      reservedConcurrency: CONCURRENT_DELIVERIES * channels.length,
      environment: {
        ...callWriterVariables(deployment),
        STATE_TABLE: table.tableName,
        CHANNELS: cdk.Stack.of(this).toJsonString(channels.map(toDelivered)),
        TOOLWATCH_SECRETS: JSON.stringify(locateSecrets(settings, readers)),
      },
      may: [
        new iam.PolicyStatement({
          sid: 'ReadItsQueues',
          actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
          resources: channels.map(({ queue }) => queue.queueArn),
        }),
        new iam.PolicyStatement({
          sid: 'PutAside',
          actions: ['sqs:SendMessage'],
          resources: channels.map(({ deadLetters }) => deadLetters.queueArn),
        }),
        ...allowToEncryptQueues(this, settings),
        new iam.PolicyStatement({
          sid: 'RememberChannels',
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
          resources: [table.tableArn],
        }),
        ...allowToReadSecrets(this, settings, {
          name: 'deliver',
          secrets: [...new Set(readers.flatMap(({ secrets }) => secrets))],
        }),
      ],
    });
  }
}
