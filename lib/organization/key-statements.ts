import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Settings } from '../settings.ts';

/** What whoever sends to our queues needs where they are encrypted with a key that exists. */
export const allowToEncryptQueues = (scope: IConstruct, { keys }: Pick<Settings, 'keys'>): iam.PolicyStatement[] => {
  if (keys.queues === undefined) return [];
  const { region, urlSuffix } = cdk.Stack.of(scope);
  return [
    new iam.PolicyStatement({
      sid: 'EncryptIt',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [keys.queues],
      conditions: { StringEquals: { 'kms:ViaService': `sqs.${region}.${urlSuffix}` } },
    }),
  ];
};
