import { type CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { ListSubscriptionsByTopicCommand, type SNSClient, type Subscription } from '@aws-sdk/client-sns';
import { type Check, type Finding, one } from './finding.ts';

const DAY_MS = 86_400_000;
/** An alarm this long without data has never had any, or has lost it. */
const LONGEST_WITHOUT_DATA_MS = DAY_MS;

type Alarm = Pick<
  MetricAlarm,
  'AlarmName' | 'ActionsEnabled' | 'AlarmActions' | 'OKActions' | 'StateValue' | 'StateUpdatedTimestamp'
>;

const allAlarms = async (client: CloudWatchClient): Promise<Alarm[]> => {
  const alarms: Alarm[] = [];
  const types = ['MetricAlarm', 'CompositeAlarm'] as const;
  for await (const page of paginateDescribeAlarms({ client }, { AlarmTypes: [...types] }))
    alarms.push(...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? []));
  return alarms;
};

const ofAlarm = ({ AlarmName, ActionsEnabled, StateValue, StateUpdatedTimestamp }: Alarm, now: number): Finding[] => {
  const silentMs = now - (StateUpdatedTimestamp?.getTime() ?? now);
  return [
    ...(ActionsEnabled === false
      ? [
          one(
            `The actions of ${AlarmName} are switched off.`,
            `aws cloudwatch enable-alarm-actions --alarm-names ${AlarmName}`,
          ),
        ]
      : []),
    ...(StateValue === 'INSUFFICIENT_DATA' && silentMs > LONGEST_WITHOUT_DATA_MS
      ? [
          one(
            `${AlarmName} has had no data for ${Math.floor(silentMs / DAY_MS)} days.`,
            'See whether what it watches still exists; deploy again.',
          ),
        ]
      : []),
  ];
};

/** Alarms that would tell nobody, or have nothing to go by. `expected` names those that must be there. */
export const alarmsCheck = (client: CloudWatchClient, expected: readonly string[], now = Date.now()): Check => ({
  title: 'alarms',
  needs: ['cloudwatch:DescribeAlarms'],
  findings: async () => {
    const alarms = await allAlarms(client);
    const there = new Map(alarms.map((alarm) => [alarm.AlarmName ?? '', alarm]));
    return expected.flatMap((name) => {
      const alarm = there.get(name);
      return alarm ? ofAlarm(alarm, now) : [one(`There is no alarm ${name}.`, 'npx cdk deploy')];
    });
  },
});

const isConfirmed = ({ SubscriptionArn }: Subscription): boolean => SubscriptionArn?.startsWith('arn:') ?? false;

const ofTopic = async (sns: SNSClient, topic: string): Promise<Finding[]> => {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));
  const name = topic.split(':').at(-1);
  const waiting = Subscriptions.filter((one) => !isConfirmed(one)).map(({ Endpoint }) =>
    one(
      `${Endpoint} has not confirmed that it wants what ${name} tells, and is told nothing.`,
      'Open the message AWS sent it; a new one comes with `aws sns subscribe` and the same address.',
    ),
  );
  if (Subscriptions.some(isConfirmed)) return waiting;
  return [
    one(`Nobody is told what ${name} tells.`, 'Write somebody under alerts in cdk.json and deploy, or confirm.'),
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
