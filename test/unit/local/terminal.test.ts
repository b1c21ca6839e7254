import { expect, test } from 'vitest';
import { formatLogLine, isBug } from '../../../lambdas/contract/log-text.ts';
import { createPainter, formatDelivery } from '../../../local/terminal.ts';

const delivery = {
  at: Date.UTC(2026, 10, 20, 12),
  topic: 'warning',
  protocol: 'email',
  endpoint: 'tools@example.com',
  message: '{}',
  outcome: 'delivered',
} as const;
const format = (subject: string) => formatDelivery(createPainter(false), { ...delivery, subject });

test('a message of the notifier is shown by what is wrong', () => {
  const line = format('ALARM: tool/order_status: More than 5 % of calls fail.');
  expect(line).toContain('sent    email tools@example.com: ALARM tool/order_status: More than 5 % of calls fail.');
});

test('a notification that came directly names its alarm alone', () => {
  expect(format('ALARM: "fleet/failing" in US East (N. Virginia)')).toMatch(/ALARM fleet\/failing$/);
});

test('a call that failed by a bug is shown with the files and lines of its stack, and is known as one', () => {
  const record = {
    schema: 'toolwatch.v1',
    kind: 'tool',
    name: 'broken',
    level: 'ERROR',
    success: false,
    fault: 'ours',
    error_message: "Cannot read properties of undefined (reading 'cents')",
    duration_ms: 3,
    metadata: { stack: ['at readTotal (lambdas/tools/broken.ts:5:3)', 'at \u001b[2Jforged'] },
  };
  expect(formatLogLine(JSON.stringify(record), false)?.split('\n').slice(1)).toEqual([
    '    at readTotal (lambdas/tools/broken.ts:5:3)',
    '    at  [2Jforged',
  ]);
  expect(isBug(JSON.stringify(record))).toBe(true);
  for (const other of ['words', 'null', '1', '{}', JSON.stringify({ ...record, fault: 'caller' })])
    expect(isBug(other), other).toBe(false);
});

test('what functions log is lines for a person, without what is only there for programs', () => {
  const shown = [
    '{"time":"2026-11-20T18:40:00.123Z","type":"platform.report","record":{}}',
    '{"_aws":{},"service":"toolwatch","calls":1}',
    '{"level":"INFO","message":"order placed","timestamp":"2026-11-20T18:40:00.123Z","order":17}',
    '{"schema":"toolwatch.v1","kind":"tool","name":"order_status","success":true,"duration_ms":12,"level":"INFO"}',
    'plain\u001b[2J words',
  ].map((line) => formatLogLine(line, false));
  expect(shown).toEqual([
    undefined,
    undefined,
    '18:40:00.123 INFO     order placed order=17',
    ' INFO     tool order_status succeeded after 12 ms',
    'plain [2J words',
  ]);
});
