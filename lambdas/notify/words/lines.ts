import { cutText, toLine } from '../../contract/clean-line.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../contract/durations.ts';
import type { CallFacts, CauseHistory, IncidentFacts } from '../../contract/incident-facts.ts';
import { formatPart } from '../../contract/percent.ts';
import { type Advice, chooseAdvice } from '../../contract/runbook.ts';
import type { Fault } from '../../contract/vocabulary.ts';
import { quote, toForeign } from './clean-text.ts';
import { formatCount, formatDay, formatMs, formatSpan, formatTime } from './times.ts';

/** How much of what others wrote is shown, in characters. */
const MAX_MESSAGE = 300;
const MAX_TYPE = 80;
const MAX_ID = 128;
const MAX_NAME = 100;
/** How many error codes a line names. */
const MAX_CODES = 3;
/** How much of an explanation of CloudWatch's is shown. */
const MAX_REASON = 400;

const FAULTS: Readonly<Record<Fault, string>> = {
  caller: 'the callers',
  dependency: 'an outside service',
  ours: 'our own code',
  platform: 'the platform, which ended the process',
};

const timeOf = (text: string): number => Date.parse(text);

/** The provider by whose fault most calls failed. */
const providerIn = ({ provider }: CallFacts): string | undefined =>
  provider === null ? undefined : toForeign(provider.provider, MAX_NAME);

/** Whose fault most bad calls are. */
export const faultIn = ({ faults }: CallFacts): Fault | undefined => faults[0]?.fault;

/** `41 users, 3 tenants`; of so many bad calls that not all were looked at, at least. */
const affectedBy = ({ users, tenants, is_sample }: CallFacts): string => {
  const counts = [
    ...(users > 0 ? [formatCount(users, 'user')] : []),
    ...(tenants > 0 ? [formatCount(tenants, 'tenant')] : []),
  ].join(', ');
  return counts === '' ? '' : ` Affected: ${is_sample ? 'at least ' : ''}${counts}.`;
};

/** Whose fault it is, by which error codes, and who is affected. */
export const describeFault = (facts: CallFacts): string[] => {
  const [leading] = facts.faults;
  if (!leading) return [];
  const total = facts.faults.reduce((sum, { calls }) => sum + calls, 0);
  const provider = leading.fault === 'dependency' ? providerIn(facts) : undefined;
  const who = provider === undefined ? FAULTS[leading.fault] : `${provider}, ${FAULTS.dependency}`;
  const codes = facts.codes
    .slice(0, MAX_CODES)
    .map(({ error_code, calls }) => `${error_code} ${formatPart(calls, total)}`)
    .join(', ');
  const share = leading.calls === total ? '' : `, in ${formatPart(leading.calls, total)} of the failures`;
  return [`Fault: ${who}${share} (${codes}).${affectedBy(facts)}`];
};

/** How slow calls are, and who is affected. */
export const describeSlowness = (facts: CallFacts): string[] => {
  if (facts.p95_ms === null) return [];
  const slowest = facts.example ? ` The slowest took ${formatMs(facts.example.duration_ms)}.` : '';
  return [`95th percentile: ${formatMs(facts.p95_ms)}.${slowest}${affectedBy(facts)}`];
};

const describeIds = ({ correlation_id, trace_id }: NonNullable<CallFacts['example']>): string =>
  `correlation id ${toForeign(correlation_id, MAX_ID)}${trace_id ? `, trace ${toForeign(trace_id, MAX_ID)}` : ''}`;

/** The failure that most bad calls are, with the ids of one of them. `names` says whether calls are of several names. */
export const describeExample = (facts: CallFacts, names: 'one' | 'many'): string[] => {
  const { example } = facts;
  if (!example) return [];
  const name = names === 'many' ? ` in ${toForeign(example.name, MAX_NAME)}` : '';
  if (example.error_code === null && facts.p95_ms !== null) return [`Example${name}: ${describeIds(example)}.`];
  const type = example.error_type ? ` (${toForeign(example.error_type, MAX_TYPE)})` : '';
  const message = example.error_message ? `: ${quote(example.error_message, MAX_MESSAGE)}` : '';
  const share = `${example.calls.toLocaleString('en-US')} of ${facts.bad_calls.toLocaleString('en-US')}`;
  return [
    `Most often${name} (${share}): ${example.error_code ?? 'INTERNAL_ERROR'}${type}${message}. Example: ${describeIds(example)}.`,
  ];
};

/** What was deployed before it began. */
export const describeChange = ({ calls, history }: IncidentFacts, since: number, now: number): string[] => {
  const { deployed_version, deployed_at } = history;
  const ran = calls?.version?.version;
  if (deployed_version === null || deployed_at === null)
    return ['Changed: no deployment in the 24 hours before it began.'];
  const at = timeOf(deployed_at);
  const version = toForeign(deployed_version, MAX_NAME);
  const other =
    ran === undefined || ran === deployed_version ? '' : ` Most of the calls ran version ${toForeign(ran, MAX_NAME)}.`;
  // It is known to the minute when it began.
  const when = at >= since ? 'in the same minute' : `${formatSpan(since - at)} before it began`;
  return [`Changed: version ${version} was deployed ${when} (${formatTime(at, now)}).${other}`];
};

const endOf = ({ last_state, last_version_at_end }: CauseHistory): string => {
  if (last_version_at_end !== null)
    return `over after version ${toForeign(last_version_at_end, MAX_NAME)} was deployed`;
  return last_state === 'quiet' ? 'until there were no more calls' : 'over by itself';
};

const TIMES: Readonly<Record<number, string>> = { 1: 'once', 2: 'twice' };

/** How often people were notified of this before, and how it ended last. */
export const describeHistory = ({ history }: IncidentFacts, now: number): string[] => {
  const { seen_before, last_began_at, last_duration_seconds } = history;
  if (seen_before === 0 || last_began_at === null) return ['Seen before: never in 90 days.'];
  const times = TIMES[seen_before] ?? `${seen_before} times`;
  const lasted = last_duration_seconds === null ? '' : ` for ${formatSpan(last_duration_seconds * SECOND_MS)}`;
  return [
    `Seen before: ${times} in 90 days, last on ${formatDay(timeOf(last_began_at), now)}${lasted}, ${endOf(history)}.`,
  ];
};

/** Who works on it, and since when: `Ann works on it since 10:04 UTC: "looking at the shop's status page".` */
export const describeAcknowledgement = ({ acknowledged }: IncidentFacts, now: number): string[] => {
  if (!acknowledged) return [];
  const { by, at, note } = acknowledged;
  const who = `${toForeign(by, MAX_NAME)} works on it since ${formatTime(timeOf(at), now)}`;
  return [note ? `${who}: ${quote(note, MAX_MESSAGE)}.` : `${who}.`];
};

/** What to do, by whose fault it is. */
export const describeAdvice = (advice: Advice | undefined, fault: Fault | undefined): string[] => {
  const sentence = advice && chooseAdvice(advice, fault);
  return sentence ? [`Do: ${sentence}`] : [];
};

/** What CloudWatch says, where nothing better is known. */
export const describeReason = (reason: string | undefined): string[] =>
  reason === undefined ? [] : [`CloudWatch: ${cutText(toLine(reason), MAX_REASON)}`];

/** Since when figures may lack calls. */
export const describeAge = ({ as_of }: CallFacts, now: number): string[] => {
  if (as_of === null) return [];
  const at = timeOf(as_of);
  return [`Figures as of ${formatTime(at, now)}, ${formatSpan(now - at)} ago: later calls are not all counted yet.`];
};

/** How many calls there are, for what has too few of them. */
export const describeTraffic = (facts: CallFacts, now: number): string[] => {
  const last = facts.last_call_at === null ? undefined : timeOf(facts.last_call_at);
  const when = last === undefined ? 'none in 24 hours' : `${formatTime(last, now)}, ${formatSpan(now - last)} ago`;
  const before =
    facts.calls_week_before === null || now - timeOf(facts.began_at) > DAY_MS
      ? ''
      : ` ${formatCount(facts.calls, 'call')} since ${formatTime(timeOf(facts.began_at), now)}, ` +
        `and ${facts.calls_week_before.toLocaleString('en-US')} in the same ` +
        `${formatSpan(Math.max(MINUTE_MS, now - timeOf(facts.began_at)))} a week ago.`;
  return [`Last call: ${when}.${before}`];
};
