import { createHash } from 'node:crypto';
import { MAX_FINDING_ID } from '../../contract/self-check.ts';

/** Of the hash of an id that cannot be what it was. */
const HASH_LENGTH = 12;

/**
 * The id of a finding as it can be a dimension of a metric and an item's: what is not ASCII is `?`, and the rest of a long
 * one is left out. One that was changed so ends with its hash, so that no two become one.
 */
export const toFindingId = (id: string): string => {
  const written = id.replace(/[^!-~]/g, '?');
  if (written === id && id.length <= MAX_FINDING_ID) return id;
  const hash = createHash('sha256').update(id).digest('hex').slice(0, HASH_LENGTH);
  return `${written.slice(0, MAX_FINDING_ID - HASH_LENGTH - 1)}~${hash}`;
};
