import type { Transition } from '../emulator/cloudwatch/alarm-message.ts';
import type { Refusal } from '../emulator/iam/iam.ts';
import type { Delivery } from '../emulator/sns/delivery.ts';
import type { ShownChannel } from './channels.ts';
import type { ShownMessage } from './receivers/receiver.ts';

const CODES = { red: 31, green: 32, yellow: 33, dim: 90 } as const;
type Colour = keyof typeof CODES;

/** Colours text on a terminal; elsewhere returns it unchanged. */
export type Paint = (colour: Colour, text: string) => string;

export const createPainter =
  (isTerminal: boolean): Paint =>
  (colour, text) =>
    isTerminal ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;

const formatClockTime = (at: number): string => new Date(at).toLocaleTimeString('en-GB');

const STATE_COLOURS = { ALARM: 'red', OK: 'green', INSUFFICIENT_DATA: 'yellow' } as const;

/** Which of the series that an alarm groups by changed its state, such as ` (order_status)`; empty for other alarms. */
const formatContributor = (group: object): string => {
  const values = Object.values(group).join('/');
  return values && ` (${values})`;
};

/** One line about an alarm that changed its state. */
export const formatTransition = (
  paint: Paint,
  { at, alarm, from, to, reason, contributor: group }: Transition,
): string => {
  const contributor = formatContributor(group);
  const state = paint(STATE_COLOURS[to], to.padEnd(5));
  const details = paint('dim', `was ${from}. ${reason}`);
  return `${formatClockTime(at)}  ${state}  ${alarm}${contributor}  ${details}`;
};

/** One line about one attempt to deliver a notification. */
export const formatDelivery = (paint: Paint, { at, protocol, endpoint, subject, outcome, why }: Delivery): string => {
  const result = outcome === 'delivered' ? paint('yellow', 'sent  ') : paint('red', 'unsent');
  const [state = '', rest = ''] = subject.split(/: (.*)/s);
  const alarm = /"(.+)"/.exec(rest)?.[1] ?? rest;
  const reason = why ? paint('dim', `  ${outcome}: ${why}`) : '';
  return `${formatClockTime(at)}  ${result}  ${protocol} ${endpoint}: ${state} ${alarm}${reason}`;
};

/** One line about a request that the template's policies do not allow. */
export const formatRefusal = (paint: Paint, { principal, action, resource, why }: Refusal): string =>
  `${paint('red', 'refused')}  ${principal} → ${action} on ${resource}: ${why}`;

const formatMessage = (paint: Paint, { title, lines, buttons, mark }: ShownMessage): string[] => [
  `${title}${mark ? paint('dim', ` (${mark})`) : ''}`,
  ...lines,
  ...(buttons.length > 0 ? [paint('yellow', buttons.map((button) => `[${button.title}]`).join(' '))] : []),
];

/** The newest message that a channel shows, as it shows it; nothing when it shows none. */
export const formatChannel = (paint: Paint, { channel, messages }: ShownChannel): string[] => {
  const newest = messages.at(-1);
  if (!newest) return [];
  return [paint('dim', `as ${channel} shows it`), ...formatMessage(paint, newest).map((line) => `  ${line}`)];
};
