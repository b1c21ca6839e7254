import { parseJson } from '../../contract/parse-json.ts';

/** How much of a notification is stored with an incident, in bytes. CloudWatch's have two or three thousand. */
const MAX_BYTES = 16_384;
/** How long texts may be, and how many elements lists may have, in what is made shorter; the first that fits is taken. */
const LIMITS = [
  { text: 1_000, list: 20 },
  { text: 200, list: 5 },
];
/** What pagers and people need most, when nothing else helps. */
const HEAD = ['AlarmName', 'AlarmArn', 'AWSAccountId', 'Region', 'NewStateValue', 'OldStateValue', 'StateChangeTime'];
const MAX_HEAD_TEXT = 255;

const fits = (text: string): boolean => Buffer.byteLength(text) <= MAX_BYTES;

const cut = (text: string, limit: number): string => (text.length > limit ? `${text.slice(0, limit)}…` : text);

const shorten = (value: unknown, limit: (typeof LIMITS)[number]): unknown => {
  if (typeof value === 'string') return cut(value, limit.text);
  if (Array.isArray(value)) return value.slice(0, limit.list).map((element) => shorten(element, limit));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shorten(inner, limit)]));
};

/**
 * The JSON of an alarm's notification within a limit, with its longest texts and lists cut: a rule of a hundred alarms,
 * or the lines that an alarm on logs found, would otherwise fill the state of all incidents.
 */
export const fitNotification = (json: string): string => {
  if (fits(json)) return json;
  const notification = parseJson(json) as Record<string, unknown>;
  for (const limit of LIMITS) {
    const shorter = JSON.stringify(shorten(notification, limit));
    if (fits(shorter)) return shorter;
  }
  const head = HEAD.flatMap((key) => {
    const value = notification[key];
    return typeof value === 'string' ? [[key, cut(value, MAX_HEAD_TEXT)]] : [];
  });
  return JSON.stringify(Object.fromEntries(head));
};
