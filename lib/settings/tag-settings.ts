import * as z from 'zod';
import { TAG_VALUE, WRITE_TAG_VALUE } from './tag-value.ts';

/** Tags that mean something here: another value would take an alarm from its owner. */
const OWN_TAGS = ['service', 'environment', 'severity', 'owner', 'part-of'];
/** A resource has 50 at most. */
const MAX_TAGS = 50 - OWN_TAGS.length;

export const tagSettings = z
  .record(
    z.string().min(1).max(128).regex(TAG_VALUE, WRITE_TAG_VALUE),
    z.string().max(256).regex(TAG_VALUE, WRITE_TAG_VALUE),
  )
  .default({})
  .describe('More tags, on everything that can have tags, beside `service` and `environment`.');

/** Tags that cannot be, in sentences that say what to write. */
export const validateTagSettings = (tags: Readonly<Record<string, string>>): string[] => {
  const names = Object.keys(tags);
  return [
    ...names
      .filter((name) => OWN_TAGS.includes(name))
      .map((name) => `Setting tags.${name}: the deployment has a tag of that name already; write another name.`),
    ...(names.length > MAX_TAGS ? [`Setting tags: ${names.length} are listed; write ${MAX_TAGS} at most.`] : []),
  ];
};
