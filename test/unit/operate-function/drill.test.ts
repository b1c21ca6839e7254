import { beforeEach, describe, expect, test } from 'vitest';
import type { AuditLine } from '../../../lambdas/contract/audit-line.ts';
import {
  DRILL_REPORT_ID,
  type DrillMessage,
  type DrillReport,
  idOfDrillMessage,
} from '../../../lambdas/contract/drill.ts';
import type { TableItems } from '../../../lambdas/monitoring/table-items.ts';
import { createDrillHandlers } from '../../../lambdas/operate/drill.ts';
import { type OperationHandlers, Operator } from '../../../lambdas/operate/operator.ts';
import { aRequest } from '../../support/a-request.ts';

const REPORT: DrillReport = {
  started_at: '2026-11-24T10:00:00.000Z',
  ways: [
    { way: 'topic critical', severity: 'critical', level: 'accepted' },
    { way: 'channel flow', severity: 'warning', level: 'accepted', detail: 'accepted, not proven' },
  ],
};
const stored = new Map<string, object>();
const items = {
  read: async (id: string) => stored.get(id),
  write: async (id: string, value: object) => void stored.set(id, value),
} as unknown as TableItems;
let now = Date.UTC(2026, 10, 24, 11);
const audit: AuditLine[] = [];
const operator = new Operator({
  handlers: createDrillHandlers({ items, now: () => now }) as OperationHandlers,
  frontDoor: { TOOLWATCH_TENANTS: 'off' },
  writeAudit: (line) => audit.push(line),
  onError: (error) => {
    throw error;
  },
});
const send = async (method: string, path: string) => {
  const { statusCode, body } = await operator.answer(aRequest({ path, method }));
  return { status: statusCode, answer: JSON.parse(body ?? '') };
};
const confirm = (channel: string) => send('PUT', `/v1/drill/confirmations/${encodeURIComponent(channel)}`);
beforeEach(() => {
  stored.clear();
  stored.set(DRILL_REPORT_ID, REPORT);
  audit.splice(0);
});

describe('the last drill', () => {
  test('says what people have seen of it, and leaves an audit of who said so', async () => {
    expect(await confirm('flow')).toMatchObject({ status: 200 });
    const { answer } = await send('GET', '/v1/drill');
    expect(answer.ways).toMatchObject([
      { way: 'topic critical' },
      { way: 'channel flow', level: 'accepted', confirmed_by: 'unknown', confirmed_at: '2026-11-24T11:00:00.000Z' },
    ]);
    expect(audit).toMatchObject([{ action: 'drill.confirmed', target: 'flow', success: true }]);
  });

  test('is not confirmed by what was said of an earlier one', async () => {
    now = Date.UTC(2026, 10, 17, 11);
    await confirm('flow');
    now = Date.UTC(2026, 10, 24, 11);
    expect((await send('GET', '/v1/drill')).answer.ways[1]).not.toHaveProperty('confirmed_by');
  });

  test('is confirmed while it is not over, which is when people see it', async () => {
    stored.clear();
    const running: DrillMessage = { incident: 'i', notice: 'n', thread: 't', at: now, published: ['channel flow'] };
    stored.set(idOfDrillMessage('warning'), running);
    expect(await confirm('flow')).toMatchObject({ status: 200, answer: { started_at: null, ways: [] } });
    stored.set(DRILL_REPORT_ID, REPORT);
    expect((await send('GET', '/v1/drill')).answer.ways[1]).toMatchObject({ confirmed_by: 'unknown' });
  });

  test('cannot be confirmed in a channel that it did not go to, and that attempt has an audit too', async () => {
    const { status, answer } = await confirm('nowhere');
    expect([status, answer.detail]).toEqual([404, expect.stringContaining('are: flow.')]);
    expect(audit).toMatchObject([{ target: 'nowhere', success: false }]);
    stored.clear();
    expect((await send('GET', '/v1/drill')).answer).toEqual({ started_at: null, ways: [] });
    expect((await confirm('flow')).status).toBe(404);
  });
});
