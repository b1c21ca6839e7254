import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, type SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { parseJson } from '../contract/parse-json.ts';
import { BrokenConnection, reasonOf } from './connection.ts';

/** Throws a `BrokenConnection` unless the alarm exists and has actions for both when it fires and when it recovers. */
export const checkAlarm = async (cloudwatch: CloudWatchClient, name: string): Promise<void> => {
  const { MetricAlarms = [] } = await cloudwatch
    .send(new DescribeAlarmsCommand({ AlarmNames: [name] }))
    .catch((error: unknown) => {
      throw new BrokenConnection('metrics → alarm', reasonOf(error));
    });
  const [alarm] = MetricAlarms;
  if (!alarm) throw new BrokenConnection('metrics → alarm', `there is no alarm ${name}`);
  const { ActionsEnabled, AlarmActions = [], OKActions = [] } = alarm;
  if (!ActionsEnabled) throw new BrokenConnection('alarm → topic', `the actions of ${name} are switched off`);
  if (AlarmActions.length === 0) {
    throw new BrokenConnection('alarm → topic', `${name} has no alarm action, so it notifies nobody when it fires`);
  }
  if (OKActions.length === 0) {
    throw new BrokenConnection('alarm → topic', `${name} has no OK action, so it notifies nobody when it recovers`);
  }
};

/**
 * Throws a `BrokenConnection` when the topic has no subscription. An unconfirmed one counts: in a new deployment all
 * are unconfirmed.
 */
export const checkTopic = async (sns: SNSClient, topicArn: string): Promise<void> => {
  const { Subscriptions = [] } = await sns
    .send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }))
    .catch((error: unknown) => {
      throw new BrokenConnection('topic → recipients', reasonOf(error));
    });
  if (Subscriptions.length === 0) throw new BrokenConnection('topic → recipients', `${topicArn} has no subscription`);
};

const failure = z.object({ errorMessage: z.string() });

/**
 * Runs the notifier once, as its schedule does. Throws a `BrokenConnection` when it cannot be started, or cannot read or
 * write its state.
 */
export const checkNotifier = async (lambda: LambdaClient, name: string): Promise<void> => {
  const { FunctionError, Payload } = await lambda
    .send(new InvokeCommand({ FunctionName: name, Payload: '{}' }))
    .catch((error: unknown) => {
      throw new BrokenConnection('notifier → state', reasonOf(error));
    });
  if (!FunctionError) return;
  const answer = failure.safeParse(parseJson(Payload?.transformToString() ?? ''));
  throw new BrokenConnection('notifier → state', answer.data?.errorMessage ?? FunctionError);
};
