import { describe, expect, test } from 'vitest';
import {
  describeChange,
  figureIn,
  formatFigure,
  formatShortFigure,
} from '../../../dashboard/views/kpis/describe-kpi.ts';

const before = { sum: 1_200, average: 0.85, times: 30, lowest: -4, highest: 90 };

describe('a figure of a measure', () => {
  test.each([
    [1_234_567.891, '1,234,567.89', '1.2M'],
    [99_999, '99,999', '99,999'],
    [-250_000, '-250,000', '-250K'],
    [0.003456, '0.0035', '0.0035'],
    [0, '0', '0'],
    [null, '–', '–'],
  ])('%s is written whole, and short at an axis', (value, whole, short) => {
    expect([formatFigure(value), formatShortFigure(value)]).toEqual([whole, short]);
  });

  test('says by how much it changed, and what it was', () => {
    const change_pct = { sum: 12.5, average: -3, times: 0 };
    expect(describeChange({ before, change_pct }, 'sum')).toBe('+12.5 %, before 1,200');
    expect(describeChange({ before, change_pct }, 'average')).toBe('−3 %, before 0.85');
    expect(describeChange({ before, change_pct }, 'times')).toBe('0 %, before 30');
  });

  test('has no change in percent where it was zero, or where nothing was reported', () => {
    const unknown = { sum: null, average: null, times: null };
    expect(describeChange({ before: { ...before, sum: 0 }, change_pct: unknown }, 'sum')).toBe('before 0');
    const nothing = { sum: 0, average: null, times: 0, lowest: null, highest: null };
    expect(describeChange({ before: nothing, change_pct: unknown }, 'sum')).toBe('not reported before');
  });

  test('is the sum where an address names none that there is', () => {
    expect([figureIn(undefined), figureIn('median'), figureIn('average')]).toEqual(['sum', 'sum', 'average']);
  });
});
