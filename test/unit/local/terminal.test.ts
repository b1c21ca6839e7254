import { expect, test } from 'vitest';
import { createPainter, formatDelivery } from '../../../local/terminal.ts';

const delivery = {
  at: Date.UTC(2026, 10, 20, 12),
  topic: 'warning',
  protocol: 'email',
  endpoint: 'tools@example.com',
  subject: 'ALARM: "fleet/failing" in US East (N. Virginia)',
  outcome: 'delivered',
} as const;
const format = (message: object) =>
  formatDelivery(createPainter(false), { ...delivery, message: JSON.stringify(message) });

test('a notification of an alarm over all tools names the tool', () => {
  const line = format({ AlarmContributorAttributes: { tool: 'order_status' } });
  expect(line).toContain('sent    email tools@example.com: ALARM fleet/failing (order_status)');
});

test('any other notification names its alarm alone', () => {
  expect(format({})).toMatch(/ALARM fleet\/failing$/);
});
