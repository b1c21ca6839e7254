import { beforeEach, describe, expect, test } from 'vitest';
import type { IncidentFacts } from '../../../../lambdas/contract/incident-facts.ts';
import { NO_INCIDENTS } from '../../../../lambdas/notify/incidents/update-incidents.ts';
import type { OutboxMessage } from '../../../../lambdas/notify/outbox/outbox.ts';
import type { FactsQuestion } from '../../../../lambdas/notify/words/facts-question.ts';
import { blindingIncident, FactsReader } from '../../../../lambdas/notify/words/read-facts.ts';
import { aLeading, aMessage, CONTEXT, someFacts } from './a-message.ts';

type Ask = (question: FactsQuestion, signal: AbortSignal) => Promise<IncidentFacts>;

let asked: FactsQuestion[];
let missing: number;
let warnings: number;
beforeEach(() => {
  asked = [];
  missing = 0;
  warnings = 0;
});

const createReader = (ask: Ask, budgetMs = 60_000) =>
  new FactsReader({
    ask: (question, signal) => {
      asked.push(question);
      return ask(question, signal);
    },
    topology: CONTEXT.topology,
    logger: {
      warn: () => {
        warnings += 1;
      },
    },
    onMissing: (questions) => {
      missing += questions;
    },
    budgetMs,
  });

const anEntry = (alarm: string, more: Partial<OutboxMessage> = {}): OutboxMessage => ({
  ...aMessage(alarm),
  id: `${alarm} ${Math.random()}`,
  deliveries: [{ channel: 'topic', severity: 'critical', attempts: 0, ...aLeading(alarm, 'It fires.') }],
  ...more,
});
const hang: Ask = () => new Promise(() => {});

describe('what the store knows', () => {
  test('is asked once about each cause in a run, with the names and the window of its calls', async () => {
    const entries = [
      anEntry('tool/place_order/failing'),
      anEntry('tool/place_order/failing'),
      anEntry('provider/shop/down'),
    ];
    const facts = await createReader(async () => someFacts()).read(entries, undefined);
    expect(entries.map(({ id }) => facts.get(id))).toEqual([someFacts(), someFacts(), someFacts()]);
    expect(asked).toMatchObject([
      { cause: 'tool/place_order', kind: 'tool', names: 'place_order', minutes: 35, since: '2026-11-20T10:07:03.120Z' },
      { cause: 'provider/shop', names: 'place_order,order_status', fault: 'dependency' },
    ]);
    expect([missing, warnings]).toEqual([0, 0]);
  });

  test('of what is slow is asked with the limit that the alarm states', async () => {
    const leading = aLeading('tool/place_order/slow', 'It is slow.', { Trigger: { Threshold: 2_000 } });
    const deliveries = [{ channel: 'topic' as const, severity: 'warning' as const, attempts: 0, ...leading }];
    await createReader(async () => someFacts()).read([anEntry('tool/place_order/slow', { deliveries })], undefined);
    expect(asked).toMatchObject([{ slow_ms: 2_000 }]);
  });

  test('is not waited for longer than the budget, however it fails to answer, and that is counted', async () => {
    const entries = [anEntry('tool/place_order/failing'), anEntry('tool/csv_profile/failing')];
    const ask: Ask = (question, signal) =>
      question.cause.includes('csv') ? hang(question, signal) : Promise.resolve(someFacts());
    const facts = await createReader(ask, 50).read(entries, undefined);
    expect(entries.map(({ id }) => facts.get(id))).toEqual([
      someFacts(),
      { missing: 'the store did not answer in time' },
    ]);
    expect(missing).toBe(1);
  });

  test('is not asked again and again in a run when it fails', async () => {
    const entries = Array.from({ length: 30 }, (_, at) => anEntry(`tool/tool_${at}/failing`));
    const facts = await createReader(() => Promise.reject(new Error('down'))).read(entries, undefined);
    expect(facts.size).toBe(30);
    expect(asked.length).toBeLessThan(10);
    expect(missing).toBe(20);
    expect(warnings).toBe(asked.length);
  });

  test('is asked about the most severe first where there are too many', async () => {
    const warnings = Array.from({ length: 30 }, (_, at) => {
      const entry = anEntry(`tool/tool_${at}/slow`);
      return { ...entry, message: { ...entry.message, severity: 'warning' as const } };
    });
    const critical = anEntry('tool/place_order/failing');
    const facts = await createReader(async () => someFacts()).read([...warnings, critical], undefined);
    expect(facts.get(critical.id)).toEqual(someFacts());
    expect(asked).toHaveLength(20);
    expect([...facts.values()].filter((known) => 'missing' in known)).toHaveLength(11);
  });

  test('is not asked while an open incident says that it cannot answer, nor about a drill', async () => {
    const entry = anEntry('tool/place_order/failing');
    const reader = createReader(async () => someFacts());
    const facts = await reader.read([entry], 'pipeline/store-down');
    expect(facts.get(entry.id)).toEqual({ missing: 'the store cannot answer while pipeline/store-down lasts' });
    await reader.read([anEntry('drill/critical')], undefined);
    expect([asked, missing]).toEqual([[], 0]);
  });
});

test('the store cannot answer while its own incident, or that of the api, is open', () => {
  const open = (cause: string) => ({
    ...NO_INCIDENTS,
    open: [
      { id: 'a', cause, members: [], since: 0, severity: 'critical' as const, notifiedAt: undefined, relapses: 0 },
    ],
  });
  expect(blindingIncident(open('pipeline/store-down'))).toBe('pipeline/store-down');
  expect(blindingIncident(open('pipeline/api-failing'))).toBe('pipeline/api-failing');
  expect(blindingIncident(open('tool/place_order'))).toBeUndefined();
});
