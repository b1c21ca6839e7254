import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { isReject, parseRecord } from '../../../lambdas/subscription/record.ts';
import { anInvocation } from '../../support/an-invocation.ts';

const parse = (given: Record<string, unknown>) => parseRecord(JSON.stringify({ ...anInvocation(), ...given }));

describe('the times of a record', () => {
  test.each([
    ['2026-11-29T12:00:00.123456+00:00', '2026-11-29T12:00:00.123Z'],
    ['2026-11-29T12:00:00+00:00', '2026-11-29T12:00:00.000Z'],
    ['2026-11-29T12:00:00.5-05:00', '2026-11-29T17:00:00.500Z'],
    ['2026-11-29T12:00:00Z', '2026-11-29T12:00:00.000Z'],
  ])('%s is stored as %s', (written, stored) => {
    expect(parse({ started_at: written, finished_at: written })).toMatchObject({
      started_at: stored,
      finished_at: stored,
    });
  });

  test('one without an offset puts the line aside, with what to write', () => {
    expect(parse({ started_at: '2026-11-29T12:00:00.123456' })).toMatchObject({
      reason: 'started_at: write the offset from UTC after the time: Z, or for example +01:00; dropped',
    });
    expect(parse({ started_at: 'yesterday' })).toMatchObject({
      reason: 'started_at: write a time such as 2026-11-20T12:00:00Z; dropped',
    });
  });

  test('a check of the line says the same', () => {
    const line = { ...anInvocation(), started_at: '2026-11-29T12:00:00.123456' };
    expect(checkLine(JSON.stringify(line))).toEqual([
      'rejected: started_at: write the offset from UTC after the time: Z, or for example +01:00; dropped',
    ]);
  });

  test('equal moments are equal texts, whatever their offset and fractions', () => {
    const moment = fc.date({ min: new Date('1970-01-02'), max: new Date('2999-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(moment, fc.integer({ min: -14 * 60, max: 14 * 60 }), fc.nat(999), (at, offset, micros) => {
        const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
        const two = (part: number) => String(part).padStart(2, '0');
        const zone = `${offset < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
        const record = parse({ started_at: `${local}${String(micros).padStart(3, '0')}${zone}` });
        expect(isReject(record) ? record.reason : record.started_at).toBe(at.toISOString());
      }),
    );
  });
});
