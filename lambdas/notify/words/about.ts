import { causeOf, providerOf, toolOf } from '../../contract/alarms/alarm-name.ts';
import { cutText, toLine } from '../../contract/clean-line.ts';
import type { Topology } from '../incidents/causes.ts';
import type { IncidentMessage } from '../incidents/incident.ts';
import { partsOf } from './alarm-words.ts';
import { toForeign } from './clean-text.ts';

/** The longest name in a title. */
const MAX_NAME = 80;

type Message = Pick<IncidentMessage, 'cause' | 'alarm'>;

/**
 * The name of the alarm that a message is about: its own, if that is about the cause; else the cause, which is an alarm
 * of the pipeline that explains the others.
 */
export const subjectOf = ({ cause, alarm }: Message): string => (causeOf(alarm) === cause ? alarm : cause);

/** What somebody declared in code or settings, and what a caller may have made up. */
const isDeclared = (cause: string, { tools }: Topology): boolean => {
  const [tool, provider] = [toolOf(cause), providerOf(cause)];
  if (tool !== undefined) return Object.hasOwn(tools, tool);
  return (
    /^(queue|probe|pipeline|drill|own|channel|monitoring|alert-rule|hook|hooks)\//.test(cause) ||
    Object.values(tools).some((facts) => facts.provider !== undefined && facts.provider === provider)
  );
};

/** How a message names what it is about: `place_order`, `shop`, `webhook orders`. */
export const nameOf = (message: Message, topology: Topology): string => {
  const { family, name } = partsOf(subjectOf(message));
  const isKind = !['tool', 'provider', 'queue', 'probe', 'alert-rule'].includes(family);
  const whole = family === '' ? message.cause : `${isKind ? `${family} ` : ''}${name}`;
  return isDeclared(message.cause, topology) ? cutText(toLine(whole), MAX_NAME) : toForeign(whole, MAX_NAME);
};
