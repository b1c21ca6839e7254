import { hash } from 'node:crypto';
import type { ArchiveType } from '../contract/archive.ts';
import { type Calls, COLUMNS, type Value } from './calls.ts';

const bytesOfDouble = Buffer.alloc(8);

const hexOfDouble = (value: number): string => {
  bytesOfDouble.writeDoubleBE(value);
  return bytesOfDouble.toString('hex');
};

const textOf = (type: ArchiveType, value: Value): string => {
  if (value === null) return '';
  return `=${type === 'double' ? hexOfDouble(value as number) : value}`;
};

/**
 * The sum of the hashes of these calls, in whatever order they are. The store makes the same of its rows, by
 * `analytics.archive_checksum`, so two that are equal are of the same calls.
 */
export const checksumOf = (calls: Calls): bigint => {
  let sum = 0n;
  for (let row = 0; row < calls.started_at.length; row += 1) {
    let text = '';
    for (const [name, type] of COLUMNS) text += `${textOf(type, calls[name][row] ?? null)}\x1f`;
    sum += hash('sha256', text, 'buffer').readBigInt64BE(0);
  }
  return sum;
};
