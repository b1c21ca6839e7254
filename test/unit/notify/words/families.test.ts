import { describe, expect, test } from 'vitest';
import type { NewError } from '../../../../lambdas/contract/incident-facts.ts';
import { noticeSchema } from '../../../../lambdas/contract/notice.ts';
import type { OutboxMessage } from '../../../../lambdas/notify/outbox/outbox.ts';
import { allowsRule } from '../../../../lambdas/notify/publish/audience.ts';
import { formatEmail } from '../../../../lambdas/notify/publish/email.ts';
import { wordsOf } from '../../../../lambdas/notify/words/alarm-words.ts';
import { buildNotice } from '../../../../lambdas/notify/words/build-notice.ts';
import type { KnownFacts } from '../../../../lambdas/notify/words/context.ts';
import { readRunbookHeadings } from '../../../../lib/alarm-audit.ts';
import { read } from '../../../support/source-files.ts';
import { aLeading, aMessage, aRule, CONTEXT, NOW, SINCE, someFacts } from './a-message.ts';

interface Family {
  alarm: string;
  means: string;
  facts: KnownFacts;
  /** Of the notification. */
  more?: object;
}

const SLOW = {
  Trigger: { Threshold: 2_000 },
  NewStateReason: 'Threshold Crossed: 3 out of the last 6 datapoints [3400.0 (20/11/26 10:02:00)] were greater.',
};
const slowFacts = someFacts({
  faults: [],
  codes: [],
  provider: null,
  p95_ms: 3_400,
  bad_calls: 45,
  calls: 300,
  example: {
    name: 'place_order',
    calls: 45,
    error_code: null,
    error_type: null,
    error_message: null,
    correlation_id: 'slow-1',
    trace_id: null,
    duration_ms: 12_000,
  },
});
const fewCalls = someFacts({
  calls: 0,
  bad_calls: 0,
  users: 0,
  tenants: 0,
  tenant: null,
  faults: [],
  codes: [],
  example: null,
  provider: null,
  version: null,
  began_at: '2026-11-20T09:35:00.000Z',
  last_call_at: '2026-11-20T09:21:00.000Z',
  calls_week_before: 214,
});
const aNewError: NewError = {
  group_id: '3f9ac01b27d4e856',
  name: 'place_order',
  error_code: 'INTERNAL_ERROR',
  fault: 'ours',
  error_type: 'TypeError',
  error_message: 'x is not a function',
  state: 'new',
  calls: 12,
  users: 3,
  since: '2026-11-20T10:02:00.000Z',
  correlation_id: 'req-9',
  trace_id: 'd'.repeat(32),
  deployed_version: '2f1c',
  deployed_at: '2026-11-20T09:58:00.000Z',
  groups: 4,
};
const onlyHistory = someFacts(null, { seen_before: 0, deployed_version: null, deployed_at: null });
const NO_ANSWER = { missing: 'the store did not answer in time' };

const FAMILIES: Family[] = [
  { alarm: 'tool/place_order/failing', means: 'More than 10 % of the calls of place_order fail.', facts: someFacts() },
  {
    alarm: 'tool/place_order/slow',
    means: 'One in twenty calls takes longer than 2000 ms.',
    facts: slowFacts,
    more: SLOW,
  },
  { alarm: 'tool/place_order/very-slow', means: 'Clients give up.', facts: slowFacts, more: SLOW },
  { alarm: 'tool/place_order/silent', means: 'place_order has had no call for 30 minutes.', facts: fewCalls },
  { alarm: 'tool/place_order/trickle', means: 'A tool fails more often than it may.', facts: someFacts() },
  { alarm: 'tool/place_order/burning-fast', means: 'A tool fails so often.', facts: someFacts() },
  { alarm: 'tool/place_order/burning-slowly', means: 'A tool fails so often.', facts: someFacts() },
  { alarm: 'tool/place_order/calls-vanished', means: 'A tool has few calls.', facts: { ...fewCalls } },
  {
    alarm: 'tool/place_order/new-errors',
    means: 'A tool fails in a way that was never seen before a deployment, or that was resolved.',
    facts: {
      ...someFacts(),
      new_errors: [aNewError, { ...aNewError, state: 'regressed', calls: 4, users: 0, trace_id: null }],
    },
  },
  { alarm: 'tool/place_order/killed', means: 'The function was killed.', facts: onlyHistory },
  { alarm: 'tool/place_order/lines-missing', means: 'More than 5% of the runs wrote no line.', facts: onlyHistory },
  {
    alarm: 'tool/place_order/callers-at-fault',
    means: "Calls fail by the caller's fault.",
    facts: someFacts({
      faults: [{ fault: 'caller', calls: 41 }],
      codes: [{ error_code: 'INVALID_INPUT', calls: 41 }],
      provider: null,
    }),
  },
  { alarm: 'webhook/orders/trickle', means: 'A tool fails more often than it may.', facts: someFacts() },
  {
    alarm: 'provider/shop/down',
    means: 'More than 50 % fail by its fault. These tools depend on it: a, b.',
    facts: someFacts(),
  },
  { alarm: 'provider/shop/failing', means: 'More than 10 % fail by its fault.', facts: someFacts() },
  { alarm: 'provider/shop/degraded', means: 'More than 2 % fail by its fault.', facts: someFacts() },
  {
    alarm: 'queue/orders/flooded',
    means:
      'More than 1000 messages have been waiting in orders for five minutes: its workers are down or far too slow.',
    facts: onlyHistory,
    more: { NewStateReason: 'Threshold Crossed: 5 datapoints [1200.0 (20/11/26 10:02:00)] were greater.' },
  },
  {
    alarm: 'probe/checkout/silent',
    means: 'The probe checkout has written no line for 10 minutes.',
    facts: onlyHistory,
  },
  {
    alarm: 'alert-rule/orders-fail/critical',
    means: 'An alert rule holds that is critical.',
    facts: { ...onlyHistory, rule: aRule },
  },
  {
    alarm: 'alert-rule/orders-fail/not-evaluated',
    means: 'An alert rule cannot be evaluated, so nobody is notified by it.',
    facts: { ...onlyHistory, rule: { ...aRule, value: null, error: 'canceling statement due to statement timeout' } },
  },
  { alarm: 'hook/shop/refused', means: "A source's hooks are refused.", facts: onlyHistory },
  {
    alarm: 'hooks/failing',
    means: 'Hooks are not taken, by our own fault.',
    facts: onlyHistory,
  },
  { alarm: 'drill/critical', means: 'A drill.', facts: { missing: 'x' } },
  {
    alarm: 'pipeline/store-down',
    means: 'The database does not answer.',
    facts: { missing: 'the store cannot answer while pipeline/store-down lasts' },
  },
  { alarm: 'pipeline/gateway-failing', means: 'The gateway itself fails or is throttled.', facts: someFacts(null) },
  { alarm: 'own/shop/stock', means: 'The stock is wrong.', facts: onlyHistory },
];

const print = (message: OutboxMessage, { alarm, means, more }: Family, facts: KnownFacts) => {
  const notice = noticeSchema.parse(buildNotice(message, aLeading(alarm, means, more), CONTEXT, facts));
  const { subject, text } = formatEmail(notice);
  return `${subject}\n---\n${text.replaceAll(/(https:[^\n]{60})[^\n]+/g, '$1…')}`;
};

describe.each(FAMILIES)('a message about $alarm', (family) => {
  const { alarm, facts } = family;

  test('says what is wrong, by whose fault, what changed and what to do', () => {
    expect(print(aMessage(alarm), family, facts)).toMatchSnapshot();
  });

  test('is right without the store as well', () => {
    const text = print(aMessage(alarm), family, NO_ANSWER);
    expect(text).toMatchSnapshot();
    expect(text).not.toMatch(/undefined|NaN|null/);
  });

  test('says of its end what is over', () => {
    expect(print(aMessage(alarm, { kind: 'over', at: SINCE + 29 * 60_000 }), family, facts)).toMatchSnapshot();
  });
});

test('every alarm of the runbook that people hear of through the notifier has words of its own', () => {
  const direct = /^pipeline\/(notifi|direct-|drill-unheard)|^(own|channel)\//;
  const alarms = readRunbookHeadings(read('docs/runbook.md')).filter((heading) => !direct.test(heading));
  const nameOf = (heading: string) =>
    heading
      .replace('*', 'name')
      .replace(/^tools\/(.*)/, 'tool/name/$1')
      .replace(/^rules\/(.*)/, 'alert-rule/name/$1')
      .replace(/^hooks\/(refused)/, 'hook/name/$1');
  expect(alarms.map(nameOf).filter((name) => wordsOf(name) === undefined)).toEqual([]);
  for (const alarm of alarms.map(nameOf)) {
    const { title, lines } = buildNotice(aMessage(alarm), aLeading(alarm, 'It fires.'), CONTEXT);
    expect(title, alarm).not.toContain('The alarm');
    expect(
      lines.some((line) => line.startsWith('Do: ') && line.length > 10),
      alarm,
    ).toBe(true);
  }
});

describe('what happened to the incident', () => {
  const family = FAMILIES[0] as Family;
  const titleAs = (
    kind: OutboxMessage['message']['kind'],
    facts: KnownFacts = family.facts,
    at = NOW + 4 * 3_600_000,
  ) => buildNotice(aMessage(family.alarm, { kind, at }), aLeading(family.alarm, family.means), CONTEXT, facts);

  test('is in the title', () => {
    expect(titleAs('reopened').title).toMatch(/^Again: place_order fails: 41 of 120 calls \(34 %\) since 10:02 UTC$/);
    expect(titleAs('escalated').title).toMatch(/^Now critical: place_order fails/);
    expect(titleAs('repeated').title).toMatch(/^Still, after 4 h 6 min: place_order fails/);
    expect(titleAs('over').title).toBe(
      'Over: place_order was failing 10:02–10:07 UTC (6 min), peak 61 %, 41 failed calls, 41 users',
    );
    const quiet = titleAs('quiet');
    expect(quiet.title).toBe('Quiet: place_order was failing 10:02–10:07 UTC (6 min); nothing proves that it is over');
    expect(quiet.state).toBe('quiet');
    expect(quiet.lines[0]).toContain('nothing was measured');
  });

  test('says who works on it, also when it is repeated; without the store, or where nobody does, nothing', () => {
    const acknowledged = { by: 'Ann', at: '2026-11-20T10:04:00.000Z', note: "looking at the shop's status page" };
    for (const kind of ['escalated', 'repeated', 'reopened'] as const) {
      const [first] = titleAs(kind, { ...someFacts(), acknowledged }, NOW).lines;
      expect(first, kind).toBe('Ann works on it since 10:04 UTC: "looking at the shop\'s status page".');
    }
    const [brief] = titleAs('repeated', { ...someFacts(), acknowledged: { ...acknowledged, note: null } }, NOW).lines;
    expect(brief).toBe('Ann works on it since 10:04 UTC.');
    for (const facts of [someFacts(), { ...someFacts(), acknowledged: null }, { missing: 'the store was not asked' }])
      expect(titleAs('repeated', facts, NOW).lines.join(' ')).not.toContain('works on it');
  });

  test('has its day where that is another', () => {
    expect(titleAs('repeated', family.facts, NOW + 24 * 3_600_000).title).toContain('since 20 Nov 10:02 UTC');
  });

  test('is reported with what CloudWatch measured where the store says nothing, or has no bad call yet', () => {
    const plain = 'place_order fails more often than allowed since 10:07 UTC (CloudWatch: up to 41 % of calls)';
    expect(titleAs('opened', NO_ANSWER, NOW).title).toBe(plain);
    expect(titleAs('opened', someFacts({ bad_calls: 0 }), NOW).title).toBe(plain);
    expect(titleAs('opened', NO_ANSWER, NOW).lines).toContain(
      'Without figures, changes and earlier incidents, because the store did not answer in time.',
    );
  });

  test('is said to begin in the minute of a deployment where it did', () => {
    const linesFor = (deployed_at: string) => titleAs('opened', someFacts({}, { deployed_at }), NOW).lines.join('\n');
    expect(linesFor('2026-11-20T10:02:40.000Z')).toContain('2f1c was deployed in the same minute (10:02 UTC)');
    expect(linesFor('2026-11-20T10:00:40.000Z')).toContain('2f1c was deployed 1 min before it began (10:00 UTC)');
  });

  test('has figures that say how old they are where calls wait to be counted', () => {
    expect(titleAs('opened', someFacts({ as_of: '2026-11-20T10:04:00.000Z' }), NOW).lines.join('\n')).toContain(
      'Figures as of 10:04 UTC, 4 min ago',
    );
  });

  test('is about the alarm itself where recipients know the incident by another', () => {
    const entry = aMessage('tool/place_order/slow', { alarm: 'tool/place_order/failing' });
    const { title, lines } = buildNotice(
      entry,
      aLeading('tool/place_order/slow', 'It is slow.', SLOW),
      CONTEXT,
      NO_ANSWER,
    );
    expect(title).toBe('place_order fails more often than allowed since 10:07 UTC');
    expect(lines.join()).not.toContain('3400');
  });
});

describe('the links', () => {
  const linksOf = (links = CONTEXT.links, alarm = 'tool/place_order/failing', facts: KnownFacts = someFacts()) =>
    buildNotice(aMessage(alarm), aLeading(alarm, 'It fires.'), { ...CONTEXT, links }, facts).links;

  test('open the calls of the window, the heading of the runbook, and the dashboard', () => {
    const [calls, runbook, dashboard] = linksOf();
    expect(calls?.title).toBe('The calls');
    const decoded = decodeURIComponent(
      decodeURIComponent((calls?.url ?? '').replaceAll('$', '%')).replaceAll('*', '%'),
    );
    expect(decoded).toContain(
      "end~'2026-11-20T10:09:03.120Z~start~'2026-11-20T10:01:00.000Z~timeType~'ABSOLUTE~tz~'UTC",
    );
    expect(decoded).toContain(
      'filter kind="tool" and name="place_order" and success=0 and fault!="caller" | sort @timestamp desc',
    );
    expect(decoded).toContain("source~(~'/toolwatch/calls");
    expect(runbook).toEqual({ title: 'Runbook', url: 'https://wiki.example.com/runbook#toolfailing' });
    expect(dashboard?.url).toBe(CONTEXT.links.dashboard);
  });

  test('are never relative: without an address of the runbook there is none', () => {
    const { runbook: _, ...links } = CONTEXT.links;
    expect(linksOf(links).map(({ title }) => title)).toEqual(['The calls', 'Dashboard']);
  });

  test('of an alarm with a runbook of its own lead there', () => {
    const more = { AlarmDescription: 'The stock is wrong.\nRunbook: https://example.com/stock' };
    const { links } = buildNotice(aMessage('own/stock'), aLeading('own/stock', '', more), CONTEXT);
    expect(links.find(({ title }) => title === 'Runbook')?.url).toBe('https://example.com/stock');
  });

  test('of a provider open the calls of each of its tools', () => {
    const [calls] = linksOf(CONTEXT.links, 'provider/shop/down');
    const decoded = decodeURIComponent(
      decodeURIComponent((calls?.url ?? '').replaceAll('$', '%')).replaceAll('*', '%'),
    );
    expect(decoded).toContain('name in ["place_order","order_status"] and fault="dependency"');
  });
});

test('a notice about an alert rule may go to every channel that the rule names, however many they are', () => {
  const channels = Array.from({ length: 20 }, (_, index) => `${'c'.repeat(22)}${10 + index}`);
  const alarm = 'alert-rule/orders-fail/critical';
  const notice = buildNotice(aMessage(alarm), aLeading(alarm, 'It holds.'), CONTEXT, {
    ...onlyHistory,
    rule: { ...aRule, channels },
  });
  expect(channels.filter((name) => !allowsRule(name, notice))).toEqual([]);
  expect(allowsRule('another', notice)).toBe(false);
});
