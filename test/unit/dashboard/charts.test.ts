import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillSteps } from '../../../dashboard/charts/fill-steps.ts';
import { toWaterfall } from '../../../dashboard/charts/waterfall-rows.ts';
import type { Call } from '../../../lambdas/contract/api/calls.ts';

const STEP_MS = 300_000;
const FROM = Math.floor(Date.parse('2026-11-30T10:00:00.000Z') / STEP_MS) * STEP_MS;

test('every step has its place, and what is counted stands at its own', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(287), { maxLength: 50 }), (steps) => {
      const points = steps.map((step) => ({ at: new Date(FROM + step * STEP_MS).toISOString(), calls: step }));
      const filled = fillSteps(points, { from: FROM, until: FROM + 288 * STEP_MS, step: STEP_MS });
      expect(filled).toHaveLength(288);
      filled.forEach(({ second, counted }, index) => {
        expect(second * 1_000).toBe(FROM + index * STEP_MS);
        expect(counted?.calls).toBe(steps.includes(index) ? index : undefined);
      });
    }),
    { numRuns: 30 },
  );
});

const aCall = (id: number, given: Partial<Call> = {}): Call =>
  ({
    event_id: String(id),
    started_at: new Date(FROM + id).toISOString(),
    kind: 'tool',
    name: 'a',
    duration_ms: 10,
    success: true,
    parent_id: null,
    ...given,
  }) as Call;

test('a call stands below the one that made it, one step further in', () => {
  const rows = toWaterfall([aCall(3, { parent_id: '1' }), aCall(2, { parent_id: '1' }), aCall(1), aCall(4)]);
  expect(rows.map(({ call, depth }) => [call.event_id, depth])).toEqual([
    ['1', 0],
    ['2', 1],
    ['3', 1],
    ['4', 0],
  ]);
});

test('no call is lost or shown twice, and no bar leaves the line, whatever calls say of their parents', () => {
  const call = fc.record({
    id: fc.nat(12),
    parent: fc.option(fc.nat(12)),
    duration: fc.double({ min: 0, max: 1e6, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(call, { selector: ({ id }) => id, minLength: 1 }), (calls) => {
      const thread = calls.map(({ id, parent, duration }) =>
        aCall(id, { parent_id: parent === null ? null : String(parent), duration_ms: duration }),
      );
      const rows = toWaterfall(thread);
      expect(rows.map((row) => row.call.event_id).sort()).toEqual(thread.map(({ event_id }) => event_id).sort());
      for (const { startPct, widthPct } of rows) {
        expect(startPct).toBeGreaterThanOrEqual(0);
        expect(widthPct).toBeGreaterThan(0);
        expect(startPct + widthPct).toBeLessThanOrEqual(100.5);
      }
    }),
  );
});
