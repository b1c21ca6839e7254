import { createHash } from 'node:crypto';
import type { Notice } from '../../contract/notice.ts';

/** What receivers take in a key and in an address alike. */
const PLAIN = /^[\w.~:/-]+$/;

/**
 * The key by which a receiver joins what is about one thing: the same for every notice of a thread, another for every other
 * thread, account and region, and at most so long. A thread that cannot be written as it is stands there by its digest.
 */
export const threadKeyOf = ({ thread, place: { account, region } }: Notice, limit: number): string => {
  const key = `tw:${account}:${region}:${thread}`;
  if (PLAIN.test(key) && key.length <= limit) return key;
  const digest = createHash('sha256')
    .update(JSON.stringify([account, region, thread]))
    .digest('hex');
  return `tw:sha256:${digest}`;
};
