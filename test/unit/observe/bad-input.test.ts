import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  counter,
  gauge,
  histogram,
  type Labels,
  observe,
  observeHandler,
  record,
  recordHttpRequest,
  trackWebhookDelivery,
} from '../../../lambdas/observe/index.ts';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { captureLines } from '../../support/captured-lines.ts';

const lines = captureLines();
const parsed = () => lines.raw().map((line) => JSON.parse(line));
const takeLosses = async (): Promise<number> => {
  await observe('job', 'losses', () => 1);
  for (const line of lines.raw()) expect(checkLine(line)).toEqual([]);
  return parsed().reduce((sum, line) => sum + (line.telemetry_dropped ?? 0), 0);
};
const ENDLESS = 'x'.repeat(100_000);

describe('label values without end', () => {
  test.each<keyof Labels>(['provider', 'gptName', 'domain', 'sourceGpt', 'userId', 'tenantId', 'correlationId'])(
    'as %s are cut or hashed, and the line is whole',
    async (label) => {
      await observe('job', 'labelled', ({ label: apply, measure }) => {
        apply({ [label]: ENDLESS });
        measure('orders', 1);
      });
      expect(checkLine(lines.raw()[0] ?? '')).toEqual([]);
      expect(parsed()[0]).toMatchObject({ success: true, measures: { orders: 1 } });
      expect(Buffer.byteLength(lines.raw()[0] ?? '')).toBeLessThan(4_096);
    },
  );

  test('of a series are refused and counted', async () => {
    counter('endless_total', { path: ENDLESS }).add();
    histogram('endless_seconds', { path: ENDLESS }).observe(1);
    gauge('endless', { path: ENDLESS }).set(1);
    expect(await takeLosses()).toBe(3);
  });
});

describe('names without end', () => {
  test('of work, tools, webhooks and routes are recorded, and become no metrics', async () => {
    for (let index = 0; index < 600; index += 1) {
      record({ kind: 'tool', name: `tool_${index}`, success: true, duration_ms: 1 });
      trackWebhookDelivery(`wh_${index}`, 'sent', 1);
      recordHttpRequest('GET', `/${'abcdefghij'[index % 10]}${'x'.repeat(index % 60)}`, 200, 0.1);
    }
    expect(parsed()).toHaveLength(1_800);
    expect(new Set(parsed().map(({ tool }) => tool)).size).toBeLessThanOrEqual(201);
    expect(parsed().find(({ name }) => name === 'tool_599')).toMatchObject({ tool: '_OTHER' });
    expect(await takeLosses()).toBe(0);
  });

  test('of methods become one word', async () => {
    for (let index = 0; index < 50; index += 1) {
      const event = { httpMethod: `FLY${index}`, path: '/', resource: '/', headers: {}, requestContext: {} };
      await observeHandler(async () => ({ statusCode: 200, body: '' }))(event, {});
    }
    expect(new Set(parsed().map(({ name }) => name))).toEqual(new Set(['_OTHER /']));
  });

  test('of providers within one call are counted for the first, and the others are named as lost', async () => {
    await observe('job', 'fan_out', async ({ dependency }) => {
      for (let index = 0; index < 40; index += 1) await dependency(`shop_${index}`, async () => index);
      await dependency('shop_0', async () => 1);
    });
    const { dependencies } = parsed()[0].metadata;
    expect(Object.keys(dependencies)).toHaveLength(32);
    expect(dependencies.shop_0).toMatchObject({ calls: 2, failed: 0 });
    expect(await takeLosses()).toBe(8);
  });
});

describe('a figure that is none', () => {
  const NONE = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE, '7' as never];
  test.each(NONE)('%s is refused and counted, wherever it is given, and the others stay', async (figure) => {
    await observe('job', 'figures', ({ measure, cost, rateLimit, logger }) => {
      measure('orders', 1);
      measure('bad', figure);
      logger.metric('bad', figure);
      cost(figure);
      rateLimit({ key: 'k', keyType: 'org', count: figure, max: 1 });
      counter('bad_total').add(figure);
      gauge('bad_gauge').set(figure);
      histogram('bad_seconds').observe(figure);
    });
    expect(parsed()[0]).toMatchObject({ success: true, measures: { orders: 1 }, telemetry_dropped: 7 });
    expect(parsed()[0].measures).toEqual({ orders: 1 });
  });
});

test('a gauge that is never set again is written once, and no later line repeats it', async () => {
  await observe('job', 'first', () => gauge('last_seen').set(7));
  for (let index = 0; index < 3; index += 1) await observe('job', 'later', () => 1);
  expect(parsed().map(({ metadata }) => metadata?.gauges)).toEqual([{ last_seen: 7 }, undefined, undefined, undefined]);
});

test('what a record says, whatever it is, costs at most itself', () => {
  const anything = fc.anything();
  fc.assert(
    fc.property(anything, anything, anything, anything, (provider, domain, user_id, metadata) => {
      lines.clear();
      record({ kind: 'job', name: 'odd', success: true, duration_ms: 1, provider, domain, user_id, metadata } as never);
      expect(checkLine(lines.raw().at(-1) ?? '')).toEqual([]);
      expect(lines.records().at(-1)).toMatchObject({ kind: 'job', name: 'odd', success: true });
    }),
  );
});
