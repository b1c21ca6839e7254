import type { Transition } from '../emulator/cloudwatch/alarm-message.ts';
import type { Refusal } from '../emulator/iam/iam.ts';
import type { Delivery } from '../emulator/sns/delivery.ts';

const CODES = { red: 31, green: 32, yellow: 33, dim: 90 } as const;
type Colour = keyof typeof CODES;

/** Colours text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

export const painter =
  (isTerminal: boolean): Paint =>
  (colour, text) =>
    isTerminal ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;

const clockTime = (at: number): string => new Date(at).toLocaleTimeString('en-GB');

const STATE_COLOURS = { ALARM: 'red', OK: 'green', INSUFFICIENT_DATA: 'yellow' } as const;

/** One line about an alarm that changed. */
export const transitionLine = (
  paint: Paint,
  { at, alarm, from, to, reason, contributor: about }: Transition,
): string => {
  const whom = Object.values(about).join('/');
  const state = paint(STATE_COLOURS[to], to.padEnd(5));
  return `${clockTime(at)}  ${state}  ${alarm}${whom && ` (${whom})`}  ${paint('dim', `was ${from}. ${reason}`)}`;
};

/** One line about somebody who was told, or was not. */
export const deliveryLine = (paint: Paint, { at, protocol, endpoint, subject, outcome, why }: Delivery): string => {
  const how = outcome === 'delivered' ? paint('yellow', 'told ') : paint('red', 'untold');
  const [state = '', rest = ''] = subject.split(/: (.*)/s);
  const name = /"(.+)"/.exec(rest)?.[1] ?? rest;
  return `${clockTime(at)}  ${how}  ${protocol} ${endpoint}: ${state} ${name}${why ? paint('dim', `  ${outcome}: ${why}`) : ''}`;
};

/** One line about an arrow the template does not allow. */
export const refusalLine = (paint: Paint, { principal, action, resource, why }: Refusal): string =>
  `${paint('red', 'refused')}  ${principal} → ${action} on ${resource}: ${why}`;
