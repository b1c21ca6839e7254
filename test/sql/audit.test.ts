import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { ACTOR_KINDS, AUDIT_SCHEMA, type AuditLine, MAX_CHANGE_BYTES } from '../../lambdas/contract/audit-line.ts';
import { DAY_MS } from '../../lambdas/contract/durations.ts';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import { applyRetention } from '../../lambdas/retention/retention.ts';
import { anEnvelope } from '../support/an-envelope.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const writer = db.as('writer');

const anAttempt = (more: Partial<AuditLine> = {}): AuditLine => ({
  schema: AUDIT_SCHEMA,
  audit_id: crypto.randomUUID(),
  at: new Date().toISOString(),
  actor: 'ann@example.com',
  actor_kind: 'token',
  action: 'mute.created',
  target: 'tool/place_order',
  success: true,
  ...more,
});

const readAudit = () => db.rows('select * from ops.audit');

beforeEach(async () => {
  await db.rows('truncate ops.audit, analytics.rejects');
});

describe('what somebody changed', () => {
  test('is stored once, however often its line comes', async () => {
    const attempt = anAttempt({
      reason: 'planned work',
      success: false,
      error: 'refused',
      change: { until: '2026-12-01T00:00:00Z' },
    });
    const envelope = anEnvelope([attempt]);
    await ingest(writer, envelope);
    expect(await ingest(writer, envelope)).toMatchObject({ stored: 0, rejected: 0 });
    const { schema: _, at, ...columns } = attempt;
    expect(await readAudit()).toEqual([{ ...columns, at: new Date(at), stored_at: expect.any(Date) }]);
  });

  test('is retained for 400 days', async () => {
    const old = anAttempt({ at: new Date(Date.now() - 401 * DAY_MS).toISOString() });
    const recent = anAttempt();
    await ingest(writer, anEnvelope([old, recent]));
    await applyRetention(db.as('retention'), 30);
    expect((await readAudit()).map(({ audit_id }) => audit_id)).toEqual([recent.audit_id]);
  });

  test('is a reject with its reason when its line is wrong, and stops no other', async () => {
    const tooLarge = anAttempt({ change: { before: 'x'.repeat(MAX_CHANGE_BYTES) } });
    await ingest(writer, anEnvelope([{ ...anAttempt(), actor: '' }, tooLarge, anAttempt()]));
    const reasons = (await db.rows<{ reason: string }>('select reason from analytics.rejects')).map(
      (row) => row.reason,
    );
    expect(reasons.sort()).toEqual([
      expect.stringContaining('actor'),
      expect.stringContaining('the change is too large'),
    ]);
    expect(await readAudit()).toHaveLength(1);
  });

  test('is stored or put aside with its reason, whatever its texts are', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    const attempts = fc.record(
      {
        actor: text,
        actor_kind: fc.constantFrom(...ACTOR_KINDS),
        target: text,
        reason: text,
        error: text,
        change: fc.dictionary(text, fc.jsonValue()) as fc.Arbitrary<Record<string, unknown>>,
      },
      { requiredKeys: ['actor', 'target'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(attempts, { minLength: 1, maxLength: 5 }), async (batch) => {
        await db.rows('truncate ops.audit, analytics.rejects');
        await ingest(writer, anEnvelope(batch.map((attempt) => anAttempt(attempt))));
        const rejects = await db.rows('select from analytics.rejects');
        expect((await readAudit()).length + rejects.length).toBe(batch.length);
      }),
      { numRuns: 60 },
    );
  });
});
