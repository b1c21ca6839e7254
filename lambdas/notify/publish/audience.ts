import type { NoticeFilter, NotifiedChannel } from '../../contract/channels.ts';
import { drillSeverityOf } from '../../contract/drill.ts';
import type { Notice } from '../../contract/notice.ts';
import { isDrill, providerOf, type Topology, toolOf } from '../incidents/causes.ts';
import { type IncidentMessage, isEnd } from '../incidents/incident.ts';

/** The type of notice that a message becomes. */
export const typeOf = ({ kind }: Pick<IncidentMessage, 'kind'>): string => `incident.${kind}`;

const allows = <Value>(list: readonly Value[] | undefined, values: readonly Value[]): boolean =>
  list === undefined || values.some((value) => list.includes(value));

/** Whether a filter allows a type of notice: it names the type, or what the type begins with. */
export const allowsType = ({ types }: NoticeFilter, type: string): boolean =>
  types === undefined || types.some((allowed) => type === allowed || type.startsWith(`${allowed}.`));

export const allowsSeverity = ({ severities }: NoticeFilter, severity: Notice['severity']): boolean =>
  allows(severities, [severity]);

/** Whether a filter allows what a message is about: one of the tools or providers that its alarms name suffices. */
const allowsSubject = (
  { tools, providers }: NoticeFilter,
  message: IncidentMessage,
  known: Topology['tools'],
): boolean => {
  const causes = [message.cause, ...message.members.map((member) => member.replace(/\/[^/]+$/, ''))];
  const namedTools = causes.flatMap((cause) => toolOf(cause) ?? []);
  const ofTools = namedTools.flatMap((tool) => (Object.hasOwn(known, tool) ? (known[tool]?.provider ?? []) : []));
  const namedProviders = [...causes.flatMap((cause) => providerOf(cause) ?? []), ...ofTools];
  return allows(tools, namedTools) && allows(providers, namedProviders);
};

/** Whether a message says that a channel itself does not work: then that channel is not the way to say it. */
const isAbout = (channel: string, { cause }: IncidentMessage): boolean => cause === `channel/${channel}`;

/**
 * The names of the channels that get a message: never the one that it is about, and every one of a drill, whatever else
 * it filters. The end of an incident goes to those that got a message about it; where
 * that is not known, to those whose filter allows it.
 */
export const findAudience = (
  channels: readonly NotifiedChannel[],
  message: IncidentMessage,
  informed: readonly string[] | undefined,
  known: Topology['tools'],
): string[] =>
  channels
    .filter(({ name, filter }) => {
      if (isAbout(name, message)) return false;
      if (isDrill(message.cause)) return message.severity === drillSeverityOf(filter);
      if (!allowsType(filter, typeOf(message))) return false;
      if (isEnd(message.kind) && informed !== undefined) return informed.includes(name);
      return allowsSeverity(filter, message.severity) && allowsSubject(filter, message, known);
    })
    .map(({ name }) => name);

/** Whether a notice may go to a channel of some tenants: it must name one of these, and so no other. */
export const allowsTenant = ({ tenants }: NoticeFilter, { facts }: Notice): boolean =>
  tenants === undefined || tenants.some((tenant) => tenant === facts.tenant);

/** The fact of a notice about an alert rule that has channels of its own: their names, separated by commas. */
export const RULE_CHANNELS_FACT = 'rule_channels';

/** Whether a notice may go to this channel: one about an alert rule goes to the channels that the rule names, if any. */
export const allowsRule = (name: string, { facts }: Notice): boolean => {
  const channels = facts[RULE_CHANNELS_FACT];
  return typeof channels !== 'string' || channels.split(',').includes(name);
};
