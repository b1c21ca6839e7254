import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { labelsByRules } from '../../../lambdas/contract/label-rules.ts';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { observe } from '../../../lambdas/observe/observe.ts';
import { observeHandler } from '../../../lambdas/observe/observe-handler.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
const REPLAYED = '01a1fa42-2000-7abc-8def-0123456789ab';
const lineAt = (index: number) => JSON.parse(lines.raw()[index] ?? '');

describe('every label of a call has a writer:', () => {
  test('the facts of a tool', async () => {
    const facts = toolFacts({ name: 'labelled', provider: 'woocommerce', gptName: 'Shop', domain: 'shop.example.com' });
    await defineTool(facts).run(() => ({ degrees: 1 }))({ city: 'Oslo' }, aContext());
    expect(lines.records()).toMatchObject([
      { provider: 'woocommerce', gpt_name: 'Shop', domain: 'shop.example.com', success: true },
    ]);
  });

  test('the tool itself, call by call, instead of its facts, and each key is on the line once', async () => {
    const tool = defineTool(toolFacts({ name: 'per_call', provider: 'meteo' })).run(({ city }, { label }) => {
      label({ domain: `${city}.example.com`, provider: 'woocommerce', gptName: 'Shop' });
      return { degrees: 1 };
    });
    await tool({ city: 'oslo' }, aContext());
    await tool({ city: 'bergen' }, aContext());
    expect(lines.records()).toMatchObject([
      { domain: 'oslo.example.com', provider: 'woocommerce', gpt_name: 'Shop' },
      { domain: 'bergen.example.com', provider: 'woocommerce', gpt_name: 'Shop' },
    ]);
    for (const line of lines.raw()) {
      expect(line.match(/"provider":"/g)).toHaveLength(1);
      expect(checkLine(line)).toEqual([]);
    }
  });

  test('a failed call has the labels that it had until then', async () => {
    const tool = defineTool(toolFacts({ name: 'failing_shop' })).run((_args, { label }) => {
      label({ domain: 'shop.example.com' });
      throw new Error('broken');
    });
    await tool({ city: 'Oslo' }, aContext());
    expect(lines.records()).toMatchObject([{ domain: 'shop.example.com', success: false }]);
  });

  test('the call context: who called, by which GPT, and which call is repeated', async () => {
    const context = aContext({ user_id: 'u-1', source_gpt: 'Helper', replay_of: REPLAYED });
    await defineTool(toolFacts({ name: 'repeated' })).run(async (_args, { nested }) => {
      expect(nested()).not.toHaveProperty('replay_of', REPLAYED);
      await observe('query', 'inside', () => 1);
      return { degrees: 1 };
    })({ city: 'Oslo' }, context);
    expect(lines.records()).toMatchObject([
      { name: 'inside', user_id: 'u-1', source_gpt: 'Helper' },
      { name: 'repeated', user_id: 'u-1', source_gpt: 'Helper', replay_of: REPLAYED },
    ]);
    expect(lines.records()[0]).not.toHaveProperty('replay_of');
  });

  test('the idempotency key that was sent, else the event id, and what is called inside has its own', async () => {
    const tool = defineTool(toolFacts({ name: 'keyed' })).run(({ city }, { call, nested }) => {
      expect(call.idempotency_key).toBe(city === 'sent' ? 'job-1' : call.event_id);
      expect(nested().idempotency_key).toBeUndefined();
      return { degrees: 1 };
    });
    await tool({ city: 'sent' }, aContext({ idempotency_key: 'job-1' }));
    await tool({ city: 'none' }, aContext());
    expect(lines.records()).toMatchObject([{ success: true }, { success: true }]);
  });

  test('the options of other work, each call with its own', async () => {
    await observe('sync', 'orders', () => 1, { domain: 'a.example.com', tenantId: 'acme', correlationId: 'req-7' });
    await observe('sync', 'orders', ({ label }) => label({ userId: 'u-2', replayOf: REPLAYED }));
    expect(lines.records()).toMatchObject([
      { domain: 'a.example.com', tenant_id: 'acme', correlation_id: 'req-7' },
      { user_id: 'u-2', replay_of: REPLAYED, tenant_id: 'default' },
    ]);
    expect(lines.records()[1]).not.toHaveProperty('domain');
  });

  test('the options of an existing handler', async () => {
    const handler = observeHandler(async () => ({ statusCode: 200 }), { domain: 'shop.example.com', gptName: 'Shop' });
    await handler({}, {});
    expect(lines.records()).toMatchObject([{ domain: 'shop.example.com', gpt_name: 'Shop' }]);
  });

  test('more providers than a few are written, and are no metrics', async () => {
    for (let index = 0; index < 30; index += 1) {
      await observe('dependency', 'many', ({ label }) => label({ provider: `provider-${index}` }));
    }
    expect(lines.records()[29]).toMatchObject({ provider: 'provider-29' });
    const directives = lines.raw().map((line) => JSON.parse(line)._aws.CloudWatchMetrics.length);
    expect(directives.filter((count) => count === 2).length).toBeLessThanOrEqual(20);
  });

  test('a label that is no text is refused and counted, and the others are taken', async () => {
    await observe('job', 'wrong', ({ label }) => label({ domain: 17 as never, replayOf: 'order-1', userId: 'u-3' }));
    await observe('job', 'after', () => 1);
    expect(lines.records()[0]).toMatchObject({ user_id: 'u-3' });
    expect(lines.records()[0]).not.toHaveProperty('domain');
    expect(lineAt(0).telemetry_dropped).toBe(2);
  });
});

describe('the table of rules', () => {
  const RULES = [
    { prefix: 'delivery_', gptName: 'Delivery', provider: 'ubereats' },
    { prefix: 'delivery_place_', provider: 'doordash' },
    { prefix: '', gptName: 'Everything' },
  ];

  test('is tried longest prefix first, for each label', () => {
    expect(labelsByRules('delivery_place_order', RULES)).toEqual({ gptName: 'Delivery', provider: 'doordash' });
    expect(labelsByRules('delivery_search', RULES)).toEqual({ gptName: 'Delivery', provider: 'ubereats' });
    expect(labelsByRules('weather', RULES)).toEqual({ gptName: 'Everything' });
  });

  test('labels the tools of a function, which its facts and its calls come before', async () => {
    vi.resetModules();
    vi.stubEnv('TOOLWATCH_LABEL_RULES', JSON.stringify(RULES));
    const fresh = await import('../../../lambdas/observe/define-tool.ts');
    const work = (name: string, provider?: string) =>
      fresh.defineTool(toolFacts({ name, ...(provider && { provider }) })).run(() => ({ degrees: 1 }))(
        { city: 'Oslo' },
        aContext(),
      );
    await work('delivery_place_order');
    await work('delivery_menu', 'own');
    expect(lines.records()).toMatchObject([
      { gpt_name: 'Delivery', provider: 'doordash' },
      { gpt_name: 'Delivery', provider: 'own' },
    ]);
    vi.unstubAllEnvs();
  });

  test.each(['', 'no JSON', '17', '[{"prefix":3},null,{}]'])(
    'that is %j labels nothing and fails no call',
    async (json) => {
      vi.resetModules();
      vi.stubEnv('TOOLWATCH_LABEL_RULES', json);
      const fresh = await import('../../../lambdas/observe/define-tool.ts');
      await fresh.defineTool(toolFacts()).run(() => ({ degrees: 1 }))({ city: 'Oslo' }, aContext());
      expect(lines.records()).toMatchObject([{ success: true }]);
      vi.unstubAllEnvs();
    },
  );
});

const anyValue = fc.oneof(
  fc.anything(),
  fc.string({ unit: 'binary', maxLength: 3_000 }),
  fc.webUrl(),
  fc.bigInt(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, () => 1, Symbol('s'), '\0', '\ud800', true),
);
const anyKey = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom('url', 'enabled', 'rule_name', 'customer_config_id', 'rate_limit_key', 'table', 'stack', 'http'),
);

describe('metadata of one’s own', () => {
  test('that views read may be set by any call, in their types', async () => {
    const customer_config_id = '11111111-2222-4333-8444-555555555555';
    await observe('webhook', 'wh_1', ({ annotate }) =>
      annotate({ url: 'https://a.example.com/hook?token=abc', enabled: false }),
    );
    await observe('rule', 'r_1', () => 1, {
      metadata: { rule_name: 'Cold', rule_type: 'no_touch_days', customer_config_id },
    });
    expect(lines.records()).toMatchObject([
      { metadata: { url: 'https://a.example.com/hook', enabled: false } },
      { metadata: { rule_name: 'Cold', rule_type: 'no_touch_days', customer_config_id } },
    ]);
  });

  test('is allowed by key, redacted, and never one of the wrapper’s own keys', async () => {
    const facts = toolFacts({ name: 'annotated', capture: { metadata: ['table', 'client_secret'] } });
    await defineTool(facts).run((_args, { annotate }) => {
      annotate({ table: 'orders', client_secret: 's3', other: 'x', stack: ['forged'], dependencies: {} });
      return { degrees: 1 };
    })({ city: 'Oslo' }, aContext());
    expect(lines.records()[0]?.metadata).toMatchObject({ table: 'orders', client_secret: '[redacted]' });
    for (const key of ['other', 'stack', 'dependencies']) expect(lines.records()[0]?.metadata).not.toHaveProperty(key);
    await observe('job', 'after', () => 1);
    expect(lineAt(0).telemetry_dropped).toBe(3);
  });

  test('is bounded: beyond the limits a value is refused and the line is whole', async () => {
    const metadataKeys = Array.from({ length: 50 }, (_, index) => `key_${index}`);
    await observe(
      'job',
      'much',
      ({ annotate, measure }) => {
        measure('orders', 1);
        annotate(Object.fromEntries(metadataKeys.map((key) => [key, 'some words '.repeat(100)])));
        annotate({ key_0: Array.from({ length: 90 }, () => 'many words here'), key_1: 1 });
      },
      { metadataKeys },
    );
    const [record] = lines.records();
    expect(record).toMatchObject({ success: true, measures: { orders: 1 } });
    expect(Object.keys(record?.metadata ?? {}).length).toBeGreaterThan(2);
    expect(Buffer.byteLength(JSON.stringify(record?.metadata))).toBeLessThan(10_000);
  });

  test('whatever it is, the call succeeds and its line is valid', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(anyKey, anyValue), fc.anything(), async (metadata, labels) => {
        const result = await observe(
          'job',
          'anything',
          ({ annotate, label }) => {
            annotate(metadata as never);
            annotate(labels as never);
            label(labels as never);
            return 7;
          },
          { metadataKeys: [...Object.keys(metadata), 'table'] },
        );
        expect(result).toBe(7);
        expect(checkLine(lines.raw().at(-1) ?? '')).toEqual([]);
        expect(lines.records().at(-1)?.success).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
