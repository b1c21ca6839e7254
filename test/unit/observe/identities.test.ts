import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { readDeployment } from '../../../lambdas/observe/call/deployment.ts';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { observeHandler } from '../../../lambdas/observe/observe-handler.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
const tool = defineTool(toolFacts()).run(() => ({ degrees: 1 }));
afterEach(() => {
  readDeployment().userHashKey = undefined;
});

/** The record of a call with this context, whatever the types of its fields. */
const recordOf = async (call: Record<string, unknown>) => {
  await tool({ city: 'x' }, aContext(call as never));
  return lines.records().at(-1);
};

const LOOK_LIKE_SECRETS = [
  'acme@example.com',
  'globex@example.com',
  '4111111111111111',
  `sk-${'a1'.repeat(10)}`,
  `sk-${'b2'.repeat(10)}`,
  'tokens:x',
  'tokens:y',
];

describe('a tenant', () => {
  test.each(LOOK_LIKE_SECRETS)('%s is written as it is', async (tenant_id) => {
    expect(await recordOf({ tenant_id })).toMatchObject({ tenant_id });
  });

  test('that is claimed by the word for no tenant is not mixed with calls without a tenant', async () => {
    const claimed = await recordOf({ tenant_id: 'default' });
    expect(claimed?.tenant_id).toMatch(/^default~[\da-f]{32}$/);
    expect((await recordOf({}))?.tenant_id).toBe('default');
  });

  test('that is claimed by the word for every tenant, or is no text, is nobody’s', async () => {
    const claims = ['*', 42, true, { a: 1 }, ['acme'], 43];
    const written: unknown[] = [];
    for (const tenant_id of claims) written.push((await recordOf({ tenant_id }))?.tenant_id);
    for (const tenant of written) expect(tenant).toMatch(/~[\da-f]{32}$/);
    expect(new Set(written).size).toBe(claims.length);
  });

  test('that is too long is neither cut nor dropped', async () => {
    const [first, second] = [
      await recordOf({ tenant_id: 'a'.repeat(600) }),
      await recordOf({ tenant_id: 'a'.repeat(601) }),
    ];
    expect(first?.tenant_id).toMatch(/^a{479}~[\da-f]{32}$/);
    expect(second?.tenant_id).toMatch(/^a{479}~[\da-f]{32}$/);
    expect(first?.tenant_id).not.toBe(second?.tenant_id);
  });

  test('is what the tool itself reads, so that it asks for the same calls', async () => {
    let seen: unknown;
    const asking = defineTool(toolFacts()).run((_args, { call }) => {
      seen = call.tenant_id;
      return { degrees: 1 };
    });
    await asking({ city: 'x' }, aContext({ tenant_id: 'default' }));
    expect(seen).toBe(lines.records()[0]?.tenant_id);
  });

  test('reaches an observed handler in the same way', async () => {
    await observeHandler(async () => 1)({}, aContext({ tenant_id: 'default' }));
    expect(lines.records()[0]?.tenant_id).toMatch(/^default~/);
  });
});

describe.each([
  ['without a key', undefined],
  ['with a key', 'a key'],
])('the ids of users and sessions, %s,', (_, userHashKey) => {
  test('and correlation ids stay different from each other, and no secret is written', async () => {
    readDeployment().userHashKey = userHashKey;
    const written = [];
    for (const id of LOOK_LIKE_SECRETS)
      written.push(await recordOf({ user_id: id, session_id: id, correlation_id: id }));
    for (const field of ['user_id', 'session_id', 'correlation_id'] as const) {
      expect(new Set(written.map((record) => record?.[field])).size).toBe(LOOK_LIKE_SECRETS.length);
    }
    const text = JSON.stringify(written.map((record) => ({ ...record, tenant_id: undefined })));
    for (const id of LOOK_LIKE_SECRETS) expect(text).not.toContain(id);
    expect(written[0]?.user_id).toMatch(userHashKey ? /^h1:[\da-f]{32}$/ : /^h0:[\da-f]{32}$/);
  });
});

test('an id that looks like the hash of another is not taken for it', async () => {
  const hashed = await recordOf({ user_id: 'anna@example.com' });
  const pretended = await recordOf({ user_id: hashed?.user_id });
  expect(pretended?.user_id).toMatch(/^h0:/);
  expect(pretended?.user_id).not.toBe(hashed?.user_id);
});

test('two different tenants, users or sessions are never equal on the line', async () => {
  const field = fc.constantFrom('tenant_id', 'user_id', 'session_id');
  const id = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 700 }),
    fc.emailAddress(),
    fc.constantFrom('*', 'default', 'a\0', 'a\ud800', 'a\ud801', 'a\n', ' ', 'a'.repeat(600), '漢'.repeat(200)),
    fc.string({ minLength: 1, maxLength: 3 }).map((end) => '漢'.repeat(200) + end),
  );
  await fc.assert(
    fc.asyncProperty(field, id, id, async (name, first, second) => {
      fc.pre(first !== second);
      const [a, b] = [await recordOf({ [name]: first }), await recordOf({ [name]: second })];
      expect(a?.[name as 'tenant_id']).not.toBe(b?.[name as 'tenant_id']);
    }),
    { numRuns: 200 },
  );
});
