import { isDrill, providerOf, toolOf } from '../../contract/alarms/alarm-name.ts';
import { cutText, toLine } from '../../contract/clean-line.ts';
import { MINUTE_MS } from '../../contract/durations.ts';
import type { CallFacts, IncidentFacts, NewError, RuleFacts } from '../../contract/incident-facts.ts';
import { type Notice, RULE_CHANNELS_FACT } from '../../contract/notice.ts';
import { MAX_LINE, MAX_LINES, MAX_TITLE } from '../../contract/notices/notice-limits.ts';
import { headingOf } from '../../contract/runbook.ts';
import { isEnd } from '../incidents/incident.ts';
import type { OutboxMessage } from '../outbox/outbox.ts';
import { type AlarmText, readAlarmText } from '../publish/alarm-text.ts';
import { eventsOf } from '../publish/event-types.ts';
import { nameOf, subjectOf } from './about.ts';
import { describeActions, muteParametersOf } from './actions.ts';
import { partsOf, wordsOf } from './alarm-words.ts';
import { toForeign } from './clean-text.ts';
import { type KnownFacts, NOT_ASKED, type WordsContext } from './context.ts';
import { buildDigestNotice } from './digest-words.ts';
import { askAbout, type FactsQuestion } from './facts-question.ts';
import {
  describeAcknowledgement,
  describeAdvice,
  describeAge,
  describeChange,
  describeExample,
  describeFault,
  describeHistory,
  describeReason,
  describeSlowness,
  describeTraffic,
  faultIn,
} from './lines.ts';
import { linksOf } from './links.ts';
import { explainNewErrors } from './new-error-words.ts';
import { describeRule } from './rule-words.ts';
import { toThread } from './thread.ts';
import { titleOf } from './title.ts';

type Message = OutboxMessage['message'];

const MAX_FACT = 300;
/** How many alarms a line names; a pager's message names more. */
const NAMED_ALARMS = 10;
/** Where nothing is known of the calls, the window of a link begins so long before the alarm. */
const WINDOW_BEFORE_MS = 30 * MINUTE_MS;

/** Everything that a notice is made from. */
interface Material {
  readonly message: Message;
  readonly alarm: AlarmText;
  /** The name of the alarm that it is about. */
  readonly subject: string;
  readonly condition: string;
  readonly heading: string;
  readonly name: string;
  readonly question: FactsQuestion | undefined;
  readonly known: KnownFacts;
  readonly facts: IncidentFacts | undefined;
  /** In which new ways its calls fail. */
  readonly newErrors: readonly NewError[];
  /** The alert rule that it is about. */
  readonly rule: RuleFacts | undefined;
  /** The calls, where some are bad; and where it is about how few there are. */
  readonly counted: CallFacts | undefined;
  readonly traffic: CallFacts | undefined;
  readonly began: number;
}

/** Since when it is so, in milliseconds since 1970: as the store knows it, else since the alarm fired. */
const beganAt = (
  { message, condition, counted, newErrors }: Pick<Material, 'message' | 'condition' | 'counted' | 'newErrors'>,
  question: FactsQuestion | undefined,
): number => {
  const [newest] = condition === 'new-errors' ? newErrors : [];
  if (newest) return Date.parse(newest.since);
  return counted && question?.begins === undefined ? Date.parse(counted.began_at) : message.since;
};

const gather = (
  { message }: OutboxMessage,
  { alarm: leading, notification }: { readonly alarm: string; readonly notification: string },
  known: KnownFacts,
  { topology }: WordsContext,
): Material => {
  const subject = subjectOf(message);
  // The recipients may know the incident by another alarm, whose notification says nothing about this one.
  const own = leading === message.alarm ? notification : '';
  const facts = 'missing' in known ? undefined : known;
  const question = askAbout(message, own, topology);
  const calls = facts?.calls ?? undefined;
  const isTraffic = question?.traffic !== undefined;
  // An answer that cannot be is none.
  const isCounted = calls && !isTraffic && calls.bad_calls > 0 && calls.bad_calls <= calls.calls;
  const counted = isCounted ? calls : undefined;
  const condition = partsOf(subject).condition;
  const newErrors = facts?.new_errors ?? [];
  return {
    message,
    alarm: readAlarmText(own),
    subject,
    condition,
    heading: headingOf(subject),
    name: nameOf(message, topology),
    question,
    known,
    facts,
    newErrors,
    rule: facts?.rule ?? undefined,
    counted,
    traffic: isTraffic ? calls : undefined,
    began: beganAt({ message, condition, counted, newErrors }, question),
  };
};

const describeAlarms = ({ message: { members }, alarm }: Material): string => {
  const more = members.length - NAMED_ALARMS;
  const names = members.slice(0, NAMED_ALARMS).map((member) => toForeign(member, 100));
  const owner = alarm.owner ? `Owner: ${toLine(alarm.owner)}. ` : '';
  return `${owner}Alarms: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

/** What the store knows, most important first. */
const describeFacts = (material: Material, context: WordsContext): string[] => {
  const { message, counted, traffic, facts, rule, began, question, alarm, heading, subject } = material;
  const names = question?.names?.includes(',') || question?.names === undefined ? 'many' : 'one';
  const means = alarm.means && wordsOf(subject) ? [toLine(alarm.means)] : [];
  return [
    ...(facts ? describeAcknowledgement(facts, message.at) : []),
    ...(rule ? describeRule(rule) : []),
    ...explainNewErrors(material.newErrors, message.at),
    ...(counted ? [...describeFault(counted), ...describeSlowness(counted), ...describeExample(counted, names)] : []),
    ...(traffic ? describeTraffic(traffic, message.at) : []),
    ...(counted || traffic || rule ? [] : means),
    ...(facts ? describeChange(facts, began, message.at) : []),
    ...describeAdvice(context.advice[heading], counted && faultIn(counted)),
    ...(facts ? describeHistory(facts, message.at) : []),
    ...(counted ? describeAge(counted, message.at) : []),
    // Of a rule CloudWatch only knows that it holds.
    ...(counted || rule ? [] : describeReason(alarm.reason)),
  ];
};

const linesOf = (material: Material, context: WordsContext): string[] => {
  const { message, known } = material;
  const alarms = describeAlarms(material);
  if (isEnd(message.kind)) {
    const unproven = 'Its alarms ended because nothing was measured any more, not because calls were good.';
    return [...(message.kind === 'quiet' ? [unproven] : []), alarms];
  }
  if (isDrill(message.cause)) return [...describeAdvice(context.advice[material.heading], undefined), alarms];
  const missing =
    'missing' in known ? [`Without figures, changes and earlier incidents, because ${known.missing}.`] : [];
  // Last, because channels leave out the last lines first; and never at the cost of who acts.
  const actions = describeActions(message, material.heading, context.topology);
  const facts = [...describeFacts(material, context), ...missing].slice(0, MAX_LINES - 1 - actions.length);
  return [...facts, alarms, ...actions];
};

/** What others wrote, as programs may show it. */
const foreign = (text: string | null | undefined): string | undefined => (text ? toForeign(text, MAX_FACT) : undefined);

/** The tenant, if a rule holds for this one only. */
const tenantOfRule = (rule: RuleFacts | undefined): string | null => {
  const [first] = rule?.findings ?? [];
  const isOfOne = rule?.findings.every(({ tenant_id }) => tenant_id === first?.tenant_id);
  return isOfOne && rule?.held_for === rule?.findings.length ? (first?.tenant_id ?? null) : null;
};

const factsOfRule = (rule: RuleFacts | undefined) =>
  rule && {
    rule: rule.name,
    figure: rule.figure,
    value: rule.value,
    threshold: rule.threshold,
    held_for: rule.held_for,
  };

/** Whole, however many they are: one that is cut off would not get the notice. */
const channelsOfRule = ({ channels = [] }: Partial<RuleFacts> = {}): Notice['facts'] =>
  channels.length > 0 ? { [RULE_CHANNELS_FACT]: channels.join(',') } : {};

/** What subscribers and programs read. Ids are as they are; names are snake_case. */
const factsOf = (material: Material): Notice['facts'] => {
  const { message, counted, facts, rule, question, condition, name, traffic } = material;
  const { cause, incident, kind, members, severity } = message;
  const calls = counted ?? traffic;
  const all: Record<string, string | number | boolean | null | undefined> = {
    incident,
    kind,
    cause,
    alarm: message.alarm,
    event: eventsOf(message)[1],
    condition,
    severity,
    members_total: members.length,
    tool: toolOf(cause) === undefined ? undefined : name,
    provider: providerOf(cause) === undefined ? foreign(counted?.provider?.provider) : name,
    calls: calls?.calls,
    bad_calls: calls?.bad_calls,
    bad_pct: counted && Math.round((1_000 * counted.bad_calls) / counted.calls) / 10,
    peak_pct: counted?.peak_pct,
    users: counted?.users,
    tenants: counted?.tenants,
    tenant: counted?.tenant ?? tenantOfRule(rule),
    fault: counted && faultIn(counted),
    error_group: material.newErrors[0]?.group_id,
    error_code: counted?.example?.error_code,
    error_type: foreign(counted?.example?.error_type),
    error_message: foreign(counted?.example?.error_message),
    correlation_id: counted?.example?.correlation_id,
    trace_id: counted?.example?.trace_id,
    p95_ms: counted?.p95_ms,
    slow_ms: question?.slow_ms,
    as_of: calls?.as_of,
    deployed_version: facts?.history.deployed_version,
    deployed_at: facts?.history.deployed_at,
    seen_before: facts?.history.seen_before,
    ...factsOfRule(rule),
  };
  const known = Object.entries(all).flatMap(([key, value]) => {
    if (value === undefined || value === null) return [];
    return [[key, typeof value === 'string' ? cutText(toLine(value), MAX_FACT) : value]];
  });
  return { ...Object.fromEntries(known), ...channelsOfRule(rule) };
};

/**
 * What people are notified of an incident. `leading` is the alarm under which the recipients know it, with its
 * notification. Says what is right without the store as well: `known` is what that knows, or why nothing is known.
 */
export const buildNotice = (
  entry: OutboxMessage,
  leading: { readonly alarm: string; readonly notification: string },
  context: WordsContext,
  known: KnownFacts = NOT_ASKED,
): Notice => {
  const { digest } = entry.message;
  if (digest) return buildDigestNotice(entry, digest, context);
  const material = gather(entry, leading, known, context);
  const { message, alarm, question, heading, began, counted } = material;
  const { kind, severity, incident, at } = message;
  const title = titleOf({ ...material, ...alarm, kind, at, slowMs: counted && question?.slow_ms });
  const fromMs = counted || material.traffic ? Date.parse((counted ?? material.traffic)?.began_at ?? '') : Number.NaN;
  return {
    id: entry.id,
    type: `incident.${kind}`,
    thread: toThread(incident),
    state: isEnd(kind) ? kind : 'open',
    severity,
    title: cutText(toLine(title), MAX_TITLE),
    lines: linesOf(material, context).map((line) => cutText(toLine(line), MAX_LINE)),
    links: linksOf({
      base: context.links,
      question,
      heading,
      alarm,
      incident,
      mute: isEnd(kind) ? undefined : muteParametersOf(message, context.topology),
      fromMs: Number.isNaN(fromMs) ? message.since - WINDOW_BEFORE_MS : fromMs,
      untilMs: Math.max(at, message.since),
    }),
    facts: factsOf(material),
    since: began,
    at,
    place: context.place,
  };
};
