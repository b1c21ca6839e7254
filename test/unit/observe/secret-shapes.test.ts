import { expect, test } from 'vitest';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { redactText, redactValue } from '../../../lambdas/observe/privacy/redact.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';
import { SECRET_SHAPES } from '../../support/secret-shapes.ts';

const lines = captureLines();

/** A secret leaks when the beginning of it can be read. */
const isIn = (text: string, secret: string): boolean => text.includes(secret.slice(0, 12));

test('there are many shapes, and each of them contains its secret', () => {
  expect(SECRET_SHAPES.length).toBeGreaterThanOrEqual(177);
  expect(SECRET_SHAPES.filter(({ text, secret }) => !isIn(text, secret))).toEqual([]);
});

test('no shape passes the redaction of a text', () => {
  const passing = SECRET_SHAPES.filter(({ text, secret }) => isIn(redactText(text), secret));
  expect(passing.map(({ name }) => name)).toEqual([]);
});

test('no shape passes in the middle of other text, on another line, in JSON or in a URL', () => {
  const wrappings: ((text: string) => string)[] = [
    (text) => `12 of 17 failed (${text}) after 20 ms`,
    (text) => `first line\nsecond: ${text}\nthird line`,
    (text) => JSON.stringify({ status: 503, body: text }),
    (text) => JSON.stringify(JSON.stringify({ body: text })),
    (text) => `https://shop.test/report?text=${encodeURIComponent(text)}`,
  ];
  const passing = wrappings.flatMap((wrap, index) =>
    SECRET_SHAPES.filter(({ text, secret }) => isIn(redactText(wrap(text)), secret)).map(
      ({ name }) => `${index}: ${name}`,
    ),
  );
  expect(passing).toEqual([]);
});

test('no shape reaches a line, neither in an error nor in captured values nor in the caller’s words', async () => {
  for (const { text } of SECRET_SHAPES) {
    const tool = defineTool(toolFacts({ capture: { input: ['note'] } })).run((_args, { logger }) => {
      logger.info(text);
      throw new Error(text);
    });
    await tool({ city: 'x', note: { deep: [text] } }, aContext({ user_agent: text, client_name: text } as never));
  }
  const written = lines.raw().join('\n');
  expect(SECRET_SHAPES.filter(({ secret }) => isIn(written, secret)).map(({ name }) => name)).toEqual([]);
});

test('a value under a sensitive key is hidden at any depth', () => {
  expect(redactValue({ a: [{ sessionId: 1, PGPASSWORD: 'x', max_tokens: 5 }] })).toEqual({
    a: [{ sessionId: '[redacted]', PGPASSWORD: '[redacted]', max_tokens: 5 }],
  });
});

test('ordinary text is unchanged', () => {
  const texts = [
    'claude-desktop/1.24.0 (darwin; arm64)',
    'The basic plan has no tokens left',
    'tokenizer.json',
    'Unexpected token } in JSON at position 5',
    'connect ECONNREFUSED 127.0.0.1:5432',
    'User: arn:aws:sts::123456789012:assumed-role/ToolwatchApp-GatewayFunctionServiceRole1A2B3C4D-x8Kd9fJ2mQ is not ' +
      'authorized to perform: lambda:InvokeFunction on arn:aws:lambda:eu-central-1:123456789012:function:shop:live',
    '2026-11-29T12:00:00.123Z 0190163d-8694-739b-aea5-966c26f8ad91 INFO',
    'Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'GET https://api.shop.test/v1/orders/17?x=1&page=2 failed with status 503',
    'at async Object.handler (file:///var/task/node_modules/foo/index.mjs:12:34)',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'duplicate key value violates unique constraint "one_row_an_event": Key (id)=(42) already exists.',
    'password authentication failed for user "app"',
    'order 0ujtsYcgvSTl8PAuAdqWYSMnLOv not found, nor 4111 1111 1111 1112',
    'max_tokens: 4096, prompt_tokens: 12; the author: Jane Doe',
    'key-value store, re_check the result, cs_workshop_attendees_list, pk-constraint-violation-on-orders',
    '--verbose --host=db1 -x; key-12345678; phone 0049 170 1234567 890',
    '{"a":1,"b":[1,2],"keyboard":"qwerty"}',
  ];
  expect(texts.map(redactText)).toEqual(texts);
});
