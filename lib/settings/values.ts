import * as z from 'zod';
import { InvalidSchedule } from '../../lambdas/contract/schedule-expression.ts';
import { findTimeZoneProblem } from '../../lambdas/contract/time-zone.ts';
import { TAG_VALUE, WRITE_TAG_VALUE } from './tag-value.ts';

/** Kinds of values that several settings take. */

export const httpsUrl = z.url({ protocol: /^https$/, error: 'write an address that begins with https://' });

/** A value that becomes a tag of resources. */
export const tagValue = z.string().min(1).max(64).regex(TAG_VALUE, WRITE_TAG_VALUE);

/** A schedule; one that AWS would refuse at deployment is refused here. */
export const scheduleExpression = (parse: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof InvalidSchedule)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });

/** The name of a time zone; one that AWS would refuse at deployment is refused here. */
export const timeZone = z.string().superRefine((name, context) => {
  const problem = findTimeZoneProblem(name);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});
