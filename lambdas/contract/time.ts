import * as z from 'zod';

const TIME_ADVICE = 'write a time such as 2026-11-20T12:00:00Z';
const OFFSET_ADVICE = 'write the offset from UTC after the time: Z, or for example +01:00';
/** A time that may be of any zone, as Python's `isoformat()` writes one that has none. */
const TIME_WITHOUT_OFFSET = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/;

const adviseOnTime = ({ input }: { input?: unknown }): string =>
  typeof input === 'string' && TIME_WITHOUT_OFFSET.test(input) ? OFFSET_ADVICE : TIME_ADVICE;

/** Its length is that of `2026-11-20T12:00:00.000Z`: nearly every time is written so already. */
const UTC_LENGTH = 24;

const toUtc = (text: string): string => {
  if (text.length === UTC_LENGTH && text.endsWith('Z')) return text;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
};

/**
 * A moment in ISO 8601 with its offset from UTC, with or without fractions of a second. It is read as text in UTC to the
 * millisecond, so that equal moments are equal texts.
 */
export const instant = z.iso.datetime({ offset: true, error: adviseOnTime }).overwrite(toUtc);
