import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CALL_CONTEXT_KEY, type CallContext } from '../../../lambdas/contract/call-context.ts';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { observe } from '../../../lambdas/observe/observe.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
const CLAIMS: Partial<CallContext> = {
  user_id: 'ann',
  source_gpt: 'Helper',
  unverified: ['user_id', 'source_gpt'],
  refused: ['session', 'replay_of'],
};

test('a tool’s line says which labels nothing verified, and counts what was refused', async () => {
  const tool = defineTool(toolFacts({ name: 'claims' })).run((_args, { measure }) => {
    measure('orders', 3);
    return { degrees: 1 };
  });
  await tool({ city: 'Oslo' }, aContext(CLAIMS));
  expect(lines.records()).toMatchObject([
    {
      user_id: 'ann',
      metadata: { unverified: ['user_id', 'source_gpt'] },
      measures: { session_handles_refused: 1, replays_refused: 1, orders: 3 },
    },
  ]);
});

test('calls made from it are labelled the same, and count no refusal again', async () => {
  let nestedContext: unknown;
  await defineTool(toolFacts({ name: 'parent_of_claims' })).run(async (_args, { nested }) => {
    nestedContext = nested();
    await observe('query', 'inside', () => 1);
    return { degrees: 1 };
  })({ city: 'Oslo' }, aContext(CLAIMS));
  expect(lines.records()[0]).toMatchObject({ name: 'inside', metadata: { unverified: ['user_id', 'source_gpt'] } });
  expect(lines.records()[0]).not.toHaveProperty('measures');
  expect(JSON.stringify(nestedContext)).not.toContain('refused');
});

test('a label that the tool itself states is no longer an unverified one', async () => {
  await defineTool(toolFacts({ name: 'own_user' })).run((_args, { label }) => {
    label({ userId: 'olga' });
    return { degrees: 1 };
  })({ city: 'Oslo' }, aContext(CLAIMS));
  expect(lines.records()).toMatchObject([{ user_id: 'olga', metadata: { unverified: ['source_gpt'] } }]);
});

test('a line without such claims has neither', async () => {
  await defineTool(toolFacts({ name: 'no_claims' })).run(() => ({ degrees: 1 }))({ city: 'Oslo' }, aContext());
  expect(lines.records()[0]).not.toHaveProperty('measures');
  expect(lines.records()[0]?.metadata ?? {}).not.toHaveProperty('unverified');
});

test('whatever a call context holds there, only known words are written', async () => {
  const tool = defineTool(toolFacts({ name: 'odd_claims' })).run(() => ({ degrees: 1 }));
  const words = fc.array(fc.oneof(fc.constantFrom('user_id', 'session', 'tenant_id', '__proto__'), fc.jsonValue()));
  await fc.assert(
    fc.asyncProperty(fc.oneof(words, fc.jsonValue()), async (claims) => {
      lines.clear();
      const context = aContext({ user_id: 'ann' });
      const custom = (context.clientContext as { custom: Record<string, string> }).custom;
      const sent = { ...JSON.parse(custom[CALL_CONTEXT_KEY] ?? ''), unverified: claims, refused: claims };
      custom[CALL_CONTEXT_KEY] = JSON.stringify(sent);
      await tool({ city: 'Oslo' }, context);
      const [record] = lines.records();
      expect(record?.success).toBe(true);
      const isKnown = (word: string) => Array.isArray(claims) && claims.includes(word);
      expect(record?.metadata?.unverified).toEqual(isKnown('user_id') ? ['user_id'] : undefined);
      expect(record?.measures).toEqual(isKnown('session') ? { session_handles_refused: 1 } : undefined);
    }),
  );
});
