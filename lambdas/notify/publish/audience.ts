import { isDrill, providerOf, toolOf } from '../../contract/alarms/alarm-name.ts';
import type { NoticeFilter, NotifiedChannel } from '../../contract/channels.ts';
import { drillSeverityOf } from '../../contract/drill.ts';
import { type Notice, RULE_CHANNELS_FACT } from '../../contract/notice.ts';
import type { Topology } from '../incidents/causes.ts';
import { type IncidentMessage, isEnd } from '../incidents/incident.ts';
import { eventsOf } from './event-types.ts';

/** The type of notice that a message becomes. */
export const typeOf = ({ kind }: Pick<IncidentMessage, 'kind'>): string => `incident.${kind}`;

const allows = <Value>(list: readonly Value[] | undefined, values: readonly Value[]): boolean =>
  list === undefined || values.some((value) => list.includes(value));

/** Whether a list of types has this type, or what it begins with. */
const names = (types: readonly string[], type: string): boolean =>
  types.some((allowed) => type === allowed || type.startsWith(`${allowed}.`));

/** What nobody has to act on, so that a channel gets it only if it asks for it. */
const ON_REQUEST = ['deployment.started', 'deployment.completed'];

/** Whether a filter allows a notice that has one of these types. */
export const allowsType = ({ types }: NoticeFilter, ofNotice: readonly string[]): boolean =>
  types === undefined ? !ofNotice.some((type) => names(ON_REQUEST, type)) : ofNotice.some((type) => names(types, type));

const allowsSeverity = ({ severities }: NoticeFilter, severity: Notice['severity']): boolean =>
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
 * it filters. The end of an incident goes to those that got a message about it, whatever they filter: another alarm may
 * lead it by then, and at a pager it would be open for ever. Where it is not known who did, the end goes to those whose
 * filter allows it.
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
      if (isEnd(message.kind) && informed !== undefined) return informed.includes(name);
      return (
        allowsType(filter, [typeOf(message), ...eventsOf(message)]) &&
        allowsSeverity(filter, message.severity) &&
        allowsSubject(filter, message, known)
      );
    })
    .map(({ name }) => name);

/**
 * PagerDuty shows what is deployed beside its incidents and pages nobody for it. So a channel that is silent about types
 * gets it, whatever severities it pages for.
 */
const isChangeEvent = (
  { type, filter }: Pick<NotifiedChannel, 'type' | 'filter'>,
  notice: Pick<Notice, 'type'>,
): boolean => type === 'pagerduty' && filter.types === undefined && names(['deployment'], notice.type);

const textIn = (value: Notice['facts'][string] | undefined): string[] => (typeof value === 'string' ? [value] : []);

/** The channels that get a notice which is not about an incident. */
export const findAudienceOf = <Channel extends Pick<NotifiedChannel, 'type' | 'filter'>>(
  channels: readonly Channel[],
  notice: Pick<Notice, 'type' | 'severity' | 'facts'>,
): Channel[] =>
  channels.filter((channel) => {
    const { filter } = channel;
    const { tool, provider } = notice.facts;
    const isWanted = allowsType(filter, [notice.type]) && allowsSeverity(filter, notice.severity);
    return (
      (isWanted || isChangeEvent(channel, notice)) &&
      allows(filter.tools, textIn(tool)) &&
      allows(filter.providers, textIn(provider)) &&
      allowsTenant(filter, notice)
    );
  });

/** Whether a notice may go to a channel of some tenants: it must name one of these, and so no other. */
export const allowsTenant = ({ tenants }: NoticeFilter, { facts }: Pick<Notice, 'facts'>): boolean =>
  tenants === undefined || tenants.some((tenant) => tenant === facts.tenant);

/** Whether a notice may go to this channel: one about an alert rule goes to the channels that the rule names, if any. */
export const allowsRule = (name: string, { facts }: Notice): boolean => {
  const channels = facts[RULE_CHANNELS_FACT];
  return typeof channels !== 'string' || channels.split(',').includes(name);
};
