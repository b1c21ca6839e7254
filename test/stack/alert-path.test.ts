import { expect, test } from 'vitest';
import { alarmsOf, ofType, type Resource, synthesize } from '../support/synthesized.ts';

/**
 * The ways by which an alarm reaches people: `topics` are SNS topics of people and pagers, `notifier` is everything
 * between alarms and messages, and `channel NAME` is what delivers to one channel. The notifier publishes to topics and
 * channels, so an alarm that publishes to its inbox alone has all of them, but none when the notifier fails.
 */
const CHANNELS = ['chat', 'pager'];
const { resources } = synthesize({
  alerts: {
    critical: { emails: ['a@example.com'], https: ['https://example.com/hook'] },
    warning: { emails: ['b@example.com'] },
    channels: [
      { name: 'chat', type: 'slack-webhook' },
      { name: 'pager', type: 'pagerduty' },
    ],
  },
});

const nameOf = ({ Properties }: Resource): string => Properties.AlarmName;
const text = (value: unknown): string => JSON.stringify(value ?? []);

/** What an alarm reads, and by a rule what the alarms in it read. */
const readsOf = (alarm: Resource): string => {
  const { Metrics, Dimensions, MetricName, AlarmRule } = alarm.Properties;
  if (AlarmRule === undefined) return text([Metrics, Dimensions, MetricName]);
  const children = [...text(AlarmRule).matchAll(/ALARM\(\\"([^"\\]+)\\"\)/g)].map(([, name]) => name);
  return alarmsOf(resources)
    .filter((child) => children.includes(nameOf(child)))
    .map(readsOf)
    .join();
};

/** The ways whose parts an alarm reads. */
const readBy = (alarm: Resource): string[] => {
  const reads = readsOf(alarm);
  const channels = CHANNELS.filter((name) =>
    [`"Value":"${name}"`, `Channels${name}Queue`, `Channels${name}DeadLetters`].some((part) => reads.includes(part)),
  );
  return [
    ...(/"Topics(Critical|Warning|Undelivered)/.test(reads) ? ['topics'] : []),
    ...(/"Notify(Critical|Warning|Queue|Unread)|-notify"|notifier_heartbeat|"Notify\w*Function/.test(reads)
      ? ['notifier']
      : []),
    ...channels.map((name) => `channel ${name}`),
  ];
};

/** The ways by which an alarm is published when it fires, each as the parts that must work. */
const waysOf = ({ Properties }: Resource): string[][] => {
  const actions = text(Properties.AlarmActions);
  return [
    ...(/"Topics(Critical|Warning)/.test(actions) ? [['topics']] : []),
    ...(/"Notify(Critical|Warning)/.test(actions)
      ? [['notifier', 'topics'], ...CHANNELS.map((name) => ['notifier', `channel ${name}`])]
      : []),
  ];
};

const readers = alarmsOf(resources)
  .map((alarm) => ({ name: nameOf(alarm), about: readBy(alarm), ways: waysOf(alarm) }))
  .filter(({ about }) => about.length > 0);

test('every part of the way from an alarm to people has an alarm', () => {
  const everything = alarmsOf(resources).map(readsOf).join();
  const parts = ofType(resources, 'AWS::SQS::Queue', 'AWS::SNS::Topic').length;
  expect(parts).toBeGreaterThan(6);
  const ids = Object.entries(resources)
    .filter(([, { Type }]) => ['AWS::SQS::Queue', 'AWS::SNS::Topic'].includes(Type))
    .map(([path]) => path.replace(/^.*\//, ''))
    .filter((id) => /^(Topics|Notify|Channels)/.test(id) && !id.includes('Schedule'));
  // With a webhook SNS counts failures in the queue of what it gave up on, and in no topic.
  expect(ids.filter((id) => !everything.includes(`"${id}"`))).toEqual([]);
  expect(new Set(readers.flatMap(({ about }) => about))).toEqual(
    new Set(['topics', 'notifier', 'channel chat', 'channel pager']),
  );
});

test('no alarm about a way has that way alone', () => {
  const silenced = readers
    .filter(({ name }) => !name.endsWith('/notifier-works'))
    .filter(({ about, ways }) => !ways.some((way) => way.every((part) => !about.includes(part))));
  expect(silenced.map(({ name }) => name)).toEqual([]);
});

test('an alarm about topics reaches every channel, one about a channel topics and every other channel', () => {
  const reach = (name: string) => readers.find((alarm) => alarm.name === name)?.ways.map((way) => way.at(-1));
  const everywhere = ['topics', 'topics', 'channel chat', 'channel pager'];
  for (const name of ['pipeline/notifications-undelivered', 'channel/chat/dead', 'pipeline/notifications-unread'])
    expect(reach(name), name).toEqual(everywhere);
});
