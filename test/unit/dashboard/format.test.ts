import { expect, test } from 'vitest';
import { formatCost } from '../../../dashboard/words/format.ts';

test.each([
  [0, '$0.00'],
  [0.000042, '$0.000042'],
  [0.0123456, '$0.012'],
  [0.5, '$0.50'],
  [1_204.5, '$1,204.50'],
])('a cost of %d dollars is written %s, never as nothing where it is something', (dollars, text) => {
  expect(formatCost(dollars)).toBe(text);
});
