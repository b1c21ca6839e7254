import { type CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { ListSubscriptionsByTopicCommand, type SNSClient, type Subscription } from '@aws-sdk/client-sns';
import { type Check, countNoun, type Finding } from './finding.ts';

const DAY_MS = 86_400_000;
/**
 * Missing data is fine or bad in every alarm of ours, so each is judged as soon as its warm-up is over, two days at most: one that
 * still waits for data after that has something to read that CloudWatch cannot work out.
 */
const LONGEST_UNJUDGED_MS = 3 * DAY_MS;

export type Alarm = Pick<
  MetricAlarm,
  | 'AlarmName'
  | 'ActionsEnabled'
  | 'AlarmActions'
  | 'StateValue'
  | 'StateReason'
  | 'StateUpdatedTimestamp'
  | 'EvaluationState'
>;

const allAlarms = async (client: CloudWatchClient): Promise<Alarm[]> => {
  const alarms: Alarm[] = [];
  const types = ['MetricAlarm', 'CompositeAlarm'] as const;
  for await (const page of paginateDescribeAlarms({ client }, { AlarmTypes: [...types] }))
    alarms.push(...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? []));
  return alarms;
};

/** Why an alarm's state says nothing; nothing when it says something. */
const unjudged = ({ StateValue, StateReason, StateUpdatedTimestamp, EvaluationState }: Alarm, now: number) => {
  if (EvaluationState) return `${EvaluationState}, ${StateReason}`;
  const waitedMs = now - (StateUpdatedTimestamp?.getTime() ?? now);
  return StateValue === 'INSUFFICIENT_DATA' && waitedMs > LONGEST_UNJUDGED_MS
    ? `INSUFFICIENT_DATA for ${Math.floor(waitedMs / DAY_MS)} days`
    : undefined;
};

/** What is wrong with one alarm, as CloudWatch describes it. */
export const alarmFindings = (alarm: Alarm, now = Date.now()): Finding[] => {
  const { AlarmName, ActionsEnabled } = alarm;
  const why = unjudged(alarm, now);
  return [
    ...(ActionsEnabled === false
      ? [
          countNoun(
            `The actions of ${AlarmName} are switched off.`,
            `aws cloudwatch enable-alarm-actions --alarm-names ${AlarmName}`,
          ),
        ]
      : []),
    ...(why === undefined
      ? []
      : [
          countNoun(
            `CloudWatch cannot judge ${AlarmName}: ${why}.`,
            `Look what it reads: aws cloudwatch describe-alarms --alarm-names ${AlarmName}; deploy again if somebody changed it.`,
          ),
        ]),
  ];
};

/** Alarms that would tell nobody, or are not judged. `expected` names those that must be there. */
export const alarmsCheck = (client: CloudWatchClient, expected: readonly string[]): Check => ({
  title: 'alarms',
  needs: ['cloudwatch:DescribeAlarms'],
  findings: async () => {
    const alarms = await allAlarms(client);
    const there = new Map(alarms.map((alarm) => [alarm.AlarmName ?? '', alarm]));
    return expected.flatMap((name) => {
      const alarm = there.get(name);
      return alarm ? alarmFindings(alarm) : [countNoun(`There is no alarm ${name}.`, 'npx cdk deploy')];
    });
  },
});

const isConfirmed = ({ SubscriptionArn }: Subscription): boolean => SubscriptionArn?.startsWith('arn:') ?? false;

const ofTopic = async (sns: SNSClient, topic: string): Promise<Finding[]> => {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));
  const name = topic.split(':').at(-1);
  const waiting = Subscriptions.filter((one) => !isConfirmed(one)).map(({ Endpoint }) =>
    countNoun(
      `${Endpoint} has not confirmed that it wants what ${name} tells, and is told nothing.`,
      'Open the message AWS sent it; a new one comes with `aws sns subscribe` and the same address.',
    ),
  );
  if (Subscriptions.some(isConfirmed)) return waiting;
  return [
    countNoun(
      `Nobody is told what ${name} tells.`,
      'Write somebody under alerts in cdk.json and deploy. Whom AWS forgot, unconfirmed for 48 hours, `aws sns subscribe` with the same address asks anew.',
    ),
    ...waiting,
  ];
};

/** Topics that alarms tell and nobody hears. */
export const peopleCheck = (
  clients: { cloudwatch: CloudWatchClient; sns: SNSClient },
  expected: readonly string[],
): Check => ({
  title: 'who is told',
  needs: ['cloudwatch:DescribeAlarms', 'sns:ListSubscriptionsByTopic'],
  findings: async () => {
    const alarms = (await allAlarms(clients.cloudwatch)).filter(({ AlarmName = '' }) => expected.includes(AlarmName));
    const topics = new Set(alarms.flatMap(({ AlarmActions = [] }) => AlarmActions).filter((arn) => /:sns:/.test(arn)));
    const found = await Promise.all([...topics].map((topic) => ofTopic(clients.sns, topic)));
    return found.flat();
  },
});
