import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { NoticeFilter, NotifiedChannel } from '../../../../lambdas/contract/channels.ts';
import { type Notice, noticeSchema } from '../../../../lambdas/contract/notice.ts';
import type { CustomNotice } from '../../../../lambdas/contract/notices/custom-notice.ts';
import type { MailedDeployments } from '../../../../lambdas/contract/notices/mailed-deployments.ts';
import { EventNotices } from '../../../../lambdas/notify/events/event-notices.ts';
import { EventStore } from '../../../../lambdas/notify/events/event-store.ts';
import { RateLimit } from '../../../../lambdas/notify/events/rate-limit.ts';
import { Notifier } from '../../../../lambdas/notify/notifier.ts';
import { StateStore } from '../../../../lambdas/notify/outbox/state-store.ts';
import { Channels } from '../../../../lambdas/notify/publish/channels.ts';
import { Publisher } from '../../../../lambdas/notify/publish/publish.ts';
import type { PublishToTopic } from '../../../../lambdas/notify/publish/publish-to-topic.ts';
import { aReport } from '../../../support/a-week.ts';
import { createTable, reportEachAlarm } from '../notifier-parts.ts';
import { CONTEXT } from '../words/a-message.ts';
import { aCustomNotice, anyCustomNotice } from './a-custom-notice.ts';
import { aShiftEvent, aStackEvent } from './aws-events.ts';

const FAR = Number.MAX_SAFE_INTEGER;
const logger = { error: () => {}, warn: () => {}, info: () => {} } as never;

interface Sent {
  readonly to: string;
  readonly notice: Notice;
}

/** The notifier with its state, its channels and its topics; SQS and SNS remember what they take. */
const createRig = ({
  channels = [],
  mailed = 'failed',
  limit = new RateLimit(),
}: {
  channels?: NotifiedChannel[];
  mailed?: MailedDeployments;
  limit?: Pick<RateLimit, 'admit'>;
} = {}) => {
  const rig = {
    table: createTable(),
    now: Date.UTC(2026, 10, 20, 22, 15),
    sent: [] as Sent[],
    mails: [] as { topic: string; subject: string; email: string; pager: Record<string, unknown> }[],
    refuses: new Set<string>(),
    version: 'v1',
  };
  const toChannels = new Channels({
    send: async ({ QueueUrl = '', MessageBody = '' }) => {
      if (rig.refuses.has(QueueUrl)) throw new Error('SQS does not take it');
      rig.sent.push({ to: QueueUrl, notice: noticeSchema.parse(JSON.parse(MessageBody)) });
    },
    channels,
    place: CONTEXT.place,
    logger,
  });
  const publish: PublishToTopic = async ({ TopicArn = '', Subject = '', Message = '' }) => {
    if (rig.refuses.has('sns')) throw new Error('SNS does not take it');
    const { default: pager, email } = JSON.parse(Message);
    rig.mails.push({ topic: TopicArn, subject: Subject, email, pager: JSON.parse(pager) });
  };
  const publisher = new Publisher(publish, { critical: 'critical', warning: 'warning' });
  const events = () =>
    new EventNotices({
      store: new EventStore(rig.table.client, 'state'),
      channels: toChannels,
      publisher,
      limit,
      place: CONTEXT.place,
      tools: CONTEXT.topology.tools,
      deployment: { version: rig.version, lastStack: 'ToolwatchApp' },
      mailedDeployments: mailed,
      links: CONTEXT.links,
      logger,
      now: () => rig.now,
    });
  const notifier = () =>
    new Notifier({
      store: new StateStore(rig.table.client, 'state'),
      publisher,
      channels: toChannels,
      inbox: { severities: {}, alarmPrefix: '', customNotices: 'arn:custom' },
      events: events(),
      topics: { critical: 'critical', warning: 'warning' },
      onPublished: async () => {},
      topology: { tools: {}, windowMs: 1 },
      update: reportEachAlarm,
      readFacts: async () => new Map(),
      buildNotice: () => {
        throw new Error('there is no incident');
      },
      onNotified: () => {},
      logger,
      now: () => rig.now,
    });
  return Object.assign(rig, {
    take: (event: object, messageId: string = randomUUID()) =>
      notifier().takeRecords([{ messageId, body: JSON.stringify(event) }], FAR),
    ask: (notice: CustomNotice, messageId: string = randomUUID()) =>
      notifier().takeRecords([{ messageId, body: JSON.stringify(notice), eventSourceARN: 'arn:custom' }], FAR),
    report: (report: object, messageId: string = randomUUID()) =>
      notifier().takeRecords([{ messageId, body: JSON.stringify(report), eventSourceARN: 'arn:custom' }], FAR),
    passTime: () => notifier().passTime(FAR),
    types: (name = 'https://sqs/chat') => rig.sent.filter(({ to }) => to === name).map(({ notice }) => notice.type),
  });
};

const aChannel = (
  filter: NoticeFilter = {},
  name = 'chat',
  type: NotifiedChannel['type'] = 'slack-bot',
): NotifiedChannel => ({ name, type, queueUrl: `https://sqs/${name}`, filter });

const GOOD = [aStackEvent('UPDATE_IN_PROGRESS', 0), aStackEvent('UPDATE_COMPLETE', 240)];
const BAD = [
  aStackEvent('UPDATE_IN_PROGRESS', 0),
  aShiftEvent('STOP', 60),
  aStackEvent('UPDATE_ROLLBACK_IN_PROGRESS', 61, 'ToolwatchApp', 'order_status: https://evil.example failed'),
  aStackEvent('UPDATE_ROLLBACK_COMPLETE', 120),
];

describe('a deployment', () => {
  test('is one thread in the channels that ask for it, and names the versions', async () => {
    const rig = createRig({ channels: [aChannel({ types: ['deployment'] })] });
    const [begins, ends] = GOOD;
    await rig.take(begins ?? {});
    rig.version = 'v2';
    await rig.take(ends ?? {});
    expect(rig.sent.map(({ notice: { type, state, severity, title } }) => [type, state, severity, title])).toEqual([
      ['deployment.started', 'open', 'info', 'A deployment began at 22:00 UTC; version v1 ran until then'],
      ['deployment.completed', 'over', 'info', 'Version v2 is deployed: it took 4 min'],
    ]);
    expect(new Set(rig.sent.map(({ notice }) => notice.thread)).size).toBe(1);
    expect(rig.mails).toEqual([]);
  });

  test.each<[string, NotifiedChannel, string[]]>([
    ['a channel that asks for nothing gets failures', aChannel(), ['deployment.failed', 'deployment.rolled_back']],
    ['one that asks for what begins gets that', aChannel({ types: ['deployment.started'] }), ['deployment.started']],
    ['one for incidents gets nothing', aChannel({ types: ['incident'] }), []],
    ['one for critical notices gets nothing', aChannel({ severities: ['critical'] }), []],
    ['one for a tool gets what stopped it', aChannel({ tools: ['order_status'] }), ['deployment.failed']],
    ['one for a tenant gets nothing', aChannel({ tenants: ['acme'] }), []],
    [
      'PagerDuty gets everything, also where it pages for critical notices only',
      aChannel({ severities: ['critical'] }, 'chat', 'pagerduty'),
      ['deployment.started', 'deployment.failed', 'deployment.rolled_back'],
    ],
  ])('%s', async (_, channel, types) => {
    const rig = createRig({ channels: [channel] });
    for (const event of BAD) await rig.take(event);
    expect(rig.types()).toEqual(types);
  });

  test.each<[MailedDeployments, string[]]>([
    ['none', []],
    ['failed', ['A deployment fails', 'A deployment failed and was rolled back']],
    ['all', ['A deployment began', 'A deployment fails', 'A deployment failed and was rolled back']],
  ])('is mailed to those of warnings as the setting says: %s; and nothing of it pages', async (mailed, subjects) => {
    const rig = createRig({ mailed });
    for (const event of BAD) await rig.take(event);
    expect(
      rig.mails.map(({ topic, subject }) => [
        topic,
        subject.replace(/( at|,|:| was rolled back).*$/, (rest) => (rest.startsWith(' was') ? ' was rolled back' : '')),
      ]),
    ).toEqual(subjects.map((subject) => ['warning', subject]));
    for (const { pager, subject } of rig.mails) {
      expect(pager).not.toHaveProperty('AlarmName');
      expect(subject).not.toMatch(/^(ALARM|OK): /);
    }
  });

  test('quotes what CloudFormation says, without an address that could be opened', async () => {
    const rig = createRig({ channels: [aChannel()] });
    for (const event of [BAD[0], BAD[2]]) await rig.take(event ?? {});
    expect(rig.sent.at(-1)?.notice.lines).toContain('CloudFormation: "order_status: https[:]//evil[.]example failed"');
  });

  test('that could not be published comes again, under the same id, and is then done', async () => {
    const rig = createRig({ channels: [aChannel(), aChannel({}, 'other')] });
    rig.refuses.add('https://sqs/other');
    const id = randomUUID();
    await rig.take(BAD[0] ?? {});
    expect(await rig.take(BAD[2] ?? {}, id)).toEqual([id]);
    rig.refuses.clear();
    expect(await rig.take(BAD[2] ?? {}, id)).toEqual([]);
    expect(await rig.take(BAD[1] ?? {})).toEqual([]);
    const failed = rig.sent.filter(({ notice }) => notice.type === 'deployment.failed');
    expect(failed.map(({ to }) => to)).toEqual(['https://sqs/chat', 'https://sqs/chat', 'https://sqs/other']);
    expect(new Set(failed.map(({ notice }) => notice.id)).size).toBe(1);
    expect(rig.mails).toHaveLength(1);
  });

  test('of which nothing else says that it is done is done after a while, also when that fails at first', async () => {
    const rig = createRig({ channels: [aChannel({ types: ['deployment'] })] });
    await rig.take(aStackEvent('UPDATE_IN_PROGRESS', 0, 'ToolwatchData'));
    await rig.take(aStackEvent('UPDATE_COMPLETE', 60, 'ToolwatchData'));
    rig.now = Date.UTC(2026, 10, 20, 22, 5);
    await rig.passTime();
    expect(rig.types()).toEqual(['deployment.started']);
    rig.now = Date.UTC(2026, 10, 20, 22, 15);
    rig.refuses.add('https://sqs/chat');
    await rig.passTime();
    rig.refuses.clear();
    for (let run = 0; run < 3; run += 1) await rig.passTime();
    expect(rig.types()).toEqual(['deployment.started', 'deployment.completed']);
  });

  test('is not lost while nothing can be written down', async () => {
    const rig = createRig();
    rig.table.failsWrites = true;
    expect(await rig.take(BAD[2] ?? {}, 'm')).toEqual(['m']);
  });
});

describe('a custom notice', () => {
  const at = (second: number) => new Date(Date.UTC(2026, 10, 20, 22, 0, second)).toISOString();

  test('goes to the topic of its severity, where it pages, and to channels', async () => {
    const rig = createRig({ channels: [aChannel()] });
    await rig.ask(aCustomNotice({ severity: 'critical', lines: ['The queue stands'] }));
    expect(rig.types()).toEqual(['custom.notice']);
    expect(rig.mails).toMatchObject([
      {
        topic: 'critical',
        subject: 'ALARM: The import is late',
        email: expect.stringContaining('The queue stands'),
        pager: { NewStateValue: 'ALARM', AlarmDescription: 'The import is late' },
      },
    ]);
  });

  test('that nobody else would get goes to those of warnings', async () => {
    const rig = createRig({ channels: [aChannel({ types: ['incident'] })] });
    await rig.ask(aCustomNotice({ severity: 'info' }));
    expect(rig.mails.map(({ topic, subject }) => [topic, subject])).toEqual([['warning', 'The import is late']]);
  });

  test('joins others of its thread until the end, of which everybody is notified who was notified before', async () => {
    const rig = createRig({ channels: [aChannel(), aChannel({ severities: ['critical'] }, 'pager')] });
    const inThread = (second: number, more: Partial<CustomNotice>) =>
      rig.ask(aCustomNotice({ id: randomUUID(), at: at(second), thread: 'import', ...more }));
    await inThread(0, {});
    await inThread(1, {});
    await inThread(2, { severity: 'critical' });
    await inThread(3, { severity: 'info', resolve: true, title: 'Done' });
    await inThread(4, {});
    expect(rig.types()).toEqual(['opened', 'repeated', 'escalated', 'over', 'opened'].map((step) => `custom.${step}`));
    expect(rig.types('https://sqs/pager')).toEqual(['custom.escalated', 'custom.over']);
    const threads = rig.sent.filter(({ to }) => to.endsWith('chat')).map(({ notice }) => notice.thread);
    expect(new Set(threads.slice(0, 4)).size).toBe(1);
    expect(threads[4]).not.toBe(threads[0]);
    expect(rig.mails.map(({ topic, pager }) => [topic, pager.NewStateValue])).toEqual([
      ['warning', 'ALARM'],
      ['warning', 'ALARM'],
      ['critical', 'ALARM'],
      ['warning', 'OK'],
      ['critical', 'OK'],
      ['warning', 'ALARM'],
    ]);
    // A pager knows the thread by one name.
    expect(new Set(rig.mails.slice(0, 5).map(({ pager }) => pager.AlarmName)).size).toBe(1);
  });

  /** Notices of one thread, by their seconds; those after `!` end it. */
  const tellInTurn = async (...notices: string[]) => {
    const rig = createRig({ channels: [aChannel()] });
    for (const notice of notices) {
      const [second, resolve] = [Number(notice.replace('!', '')), notice.startsWith('!')];
      await rig.ask(aCustomNotice({ id: randomUUID(), at: at(second), thread: 'import', resolve }));
    }
    expect(rig.mails).toHaveLength(rig.sent.length);
    return rig.types().map((type) => type.replace('custom.', ''));
  };

  test('that comes late changes nothing', async () => {
    expect(await tellInTurn('1', '!9', '5')).toEqual(['opened', 'over']);
    expect(await tellInTurn('5', '!1')).toEqual(['opened']);
  });

  test('that ends what is over or never began says nothing, and what it ends by then opens nothing', async () => {
    expect(await tellInTurn('!1', '!2', '3', '!4', '!5', '!9', '7', '10')).toEqual(['opened', 'over', 'opened']);
    expect(await tellInTurn('!9', '5', '!6')).toEqual([]);
  });

  test('of one tenant never joins those of another, and goes to no other tenant’s channel', async () => {
    const tenant = fc.constantFrom('acme', 'acme/x', 'other', 'a"b');
    await fc.assert(
      fc.asyncProperty(tenant, tenant, fc.constantFrom('x/y', 'y', 'x'), async (one, other, thread) => {
        const rig = createRig({ channels: [aChannel({ tenants: [one] }), aChannel({}, 'all')] });
        for (const tenant_id of [one, other]) {
          const source = { kind: 'tool' as const, tool: 'place_order', tenant_id };
          await rig.ask(aCustomNotice({ id: randomUUID(), thread, source }));
        }
        expect(rig.types()).toHaveLength(one === other ? 2 : 1);
        const threads = rig.sent.filter(({ to }) => to.endsWith('all')).map(({ notice }) => notice.thread);
        expect(new Set(threads).size).toBe(one === other ? 1 : 2);
      }),
    );
  });

  test('of a tool goes to channels for the tool and its provider, and shows no address that its caller wrote', async () => {
    const rig = createRig({
      channels: [
        aChannel({ tools: ['place_order'] }),
        aChannel({ providers: ['shop'] }, 'shop'),
        aChannel({ tools: ['csv_profile'] }, 'csv'),
      ],
    });
    const source = { kind: 'tool' as const, tool: 'place_order', correlation_id: 'c1' };
    await rig.ask(aCustomNotice({ title: 'See https://evil.example/\u202e now', source }));
    expect(rig.sent.map(({ to }) => to)).toEqual(['https://sqs/chat', 'https://sqs/shop']);
    expect(rig.sent[0]?.notice).toMatchObject({
      title: 'See https[:]//evil[.]example/ now',
      facts: { tool: 'place_order', provider: 'shop', correlation_id: 'c1' },
    });
  });

  test('is a valid notice whatever it says, and comes once under its id', async () => {
    await fc.assert(
      fc.asyncProperty(anyCustomNotice, async (notice) => {
        const rig = createRig({ channels: [aChannel()] });
        expect(await rig.ask(notice)).toEqual([]);
        expect(await rig.ask(notice)).toEqual([]);
        // An end of nothing says nothing.
        const expected = notice.resolve ? [] : [notice.id];
        expect([...new Set(rig.sent.map(({ notice: { id } }) => id))]).toEqual(expected);
        expect(new Set(rig.sent.map(({ notice: { type } }) => type)).size).toBe(expected.length);
      }),
    );
  });
});

describe('a flood of custom notices', () => {
  let now: number;
  beforeEach(() => {
    now = 0;
  });

  test('waits in its queue beyond a number in a minute, of one writer and of all', async () => {
    const rig = createRig({ limit: new RateLimit(() => now) });
    const ask = (tool: string) => rig.ask(aCustomNotice({ id: randomUUID(), source: { kind: 'tool', tool } }), 'm');
    const askOften = async (tool: (index: number) => string) => {
      const results = [];
      for (let index = 0; index < 50; index += 1) results.push(await ask(tool(index)));
      return results.filter((failed) => failed.length === 0).length;
    };
    expect(await askOften(() => 'one')).toBe(10);
    expect(await askOften((index) => `tool ${index}`)).toBe(20);
    now = 61_000;
    expect(await askOften(() => 'one')).toBe(10);
    expect(rig.mails).toHaveLength(40);
  });
});

describe('the report of a week', () => {
  const EVERY_KIND = [
    aChannel(),
    aChannel({ types: ['report'], severities: ['info'] }, 'reports', 'discord'),
    aChannel({ types: ['incident'] }, 'incidents'),
    aChannel({ severities: ['critical', 'warning'] }, 'urgent'),
    aChannel({ tools: ['order_status'] }, 'tool'),
    aChannel({ tenants: ['acme'] }, 'acme'),
  ];
  const another = (more: object = {}) => aReport(undefined, { id: randomUUID(), ...more });

  test('goes to the channels that show it, and by mail to those of warnings, and no pager knows it', async () => {
    const rig = createRig({ channels: EVERY_KIND });
    expect(await rig.report(aReport())).toEqual([]);
    expect(rig.sent.map(({ to }) => to)).toEqual(['https://sqs/chat', 'https://sqs/reports']);
    expect(rig.sent[0]?.notice).toMatchObject({
      type: 'report.week',
      severity: 'info',
      state: 'event',
      thread: 'report@2026-11-30',
      facts: { calls: 12_345, failed: 123, pages: 3, pages_without_need: 1 },
    });
    expect(rig.mails.map(({ topic, subject }) => [topic, subject])).toEqual([
      ['warning', expect.stringMatching(/^Week of 23-29 Nov 2026: /)],
    ]);
    expect(rig.mails[0]?.pager).not.toHaveProperty('AlarmName');
  });

  test('is not mailed where nobody has a mailbox', async () => {
    const rig = createRig({ channels: [aChannel()] });
    await rig.report(another({ mailed: false }));
    expect([rig.types(), rig.mails]).toEqual([['report.week'], []]);
  });

  test('comes once in each week, whoever starts it again and whatever it says then', async () => {
    const rig = createRig({ channels: [aChannel()] });
    for (const calls of ['no calls', 'one call']) expect(await rig.report(another({ title: calls }))).toEqual([]);
    expect(rig.sent.map(({ notice }) => notice.title)).toEqual(['no calls']);
    expect(rig.mails).toHaveLength(1);
    await rig.report(another({ week: '2026-12-07' }));
    expect(rig.types()).toEqual(['report.week', 'report.week']);
    expect(new Set(rig.sent.map(({ notice }) => notice.id)).size).toBe(2);
  });

  test('comes again under the same id where not everybody has it, also by another message', async () => {
    const rig = createRig({ channels: [aChannel(), aChannel({}, 'second')] });
    rig.refuses.add('sns');
    expect(await rig.report(aReport(), 'first')).toEqual(['first']);
    rig.refuses.clear();
    expect(await rig.report(aReport(), 'moved back from the unread')).toEqual([]);
    expect(rig.mails).toHaveLength(1);
    expect(new Set(rig.sent.map(({ notice }) => notice.id)).size).toBe(1);
  });
});
