import { isDrill, providerOf, toolOf } from '../../contract/alarms/alarm-name.ts';
import { MINUTE_MS } from '../../contract/durations.ts';
import type { MuteKind } from '../../contract/mutes.ts';
import type { PageParameters } from '../../contract/page-address.ts';
import { isEvaluatedByRefresh, type Topology } from '../incidents/causes.ts';
import type { IncidentMessage } from '../incidents/incident.ts';
import { subjectOf } from './about.ts';
import { partsOf } from './alarm-words.ts';

/** What people can do about an incident with a command. Nothing that a caller has named is ever a part of one. */

type Message = Pick<IncidentMessage, 'cause' | 'alarm'>;

interface MuteTarget {
  readonly kind: MuteKind;
  readonly name: string;
  /** What it mutes besides. */
  readonly also?: string;
}

/** What a shell takes as one word, and means nothing else by. */
const PLAIN = /^[\w./-]+$/;
/** The families of alarms of which the deployment declares every name. */
const DECLARED = /^(queue|probe|channel|jobs|pipeline|own)\//;
/** Before an incident: lines may have been lost before its alarm saw it. */
const LOST_BEFORE_MS = 30 * MINUTE_MS;

const isDeclared = (cause: string, { tools }: Topology): boolean => {
  const [tool, provider] = [toolOf(cause), providerOf(cause)];
  if (tool !== undefined) return Object.hasOwn(tools, tool);
  if (provider !== undefined) return Object.values(tools).some((facts) => facts.provider === provider);
  return DECLARED.test(cause);
};

/** What mutes the alarm that a message is about, where a mute is a remedy at all. */
const muteTargetOf = (message: Message, topology: Topology): MuteTarget | undefined => {
  const { cause } = message;
  const subject = subjectOf(message);
  if (isDrill(cause)) return undefined;
  if (isEvaluatedByRefresh(subject)) {
    // One alarm over all names, which CloudWatch cannot mute for one of them.
    const { family, condition } = partsOf(subject);
    return family === 'alert-rule' ? undefined : { kind: 'alarm', name: `tools/${condition}`, also: 'of all tools' };
  }
  if (!isDeclared(cause, topology)) return undefined;
  const [tool, provider] = [toolOf(cause), providerOf(cause)];
  if (tool !== undefined) return { kind: 'tool', name: tool };
  return provider === undefined ? { kind: 'alarm', name: subject } : { kind: 'provider', name: provider };
};

/** The same as the page is given it. */
export const muteParametersOf = (message: Message, topology: Topology): PageParameters | undefined => {
  const target = muteTargetOf(message, topology);
  return target && { kind: target.kind, name: target.name };
};

const describeMute = ({ kind, name, also }: MuteTarget): string => {
  const scope = also === undefined ? '' : ` (${also})`;
  return `Mute${scope}: npx toolwatch mute ${kind} ${name} --for 1h --reason "…"`;
};

/** What stores the calls that did not reach the store, or sends them as spans, where an incident keeps them from it. */
const REPLAYS: Readonly<Record<string, 'retained' | 'logged' | 'spans'>> = {
  'pipeline/payloads-kept': 'retained',
  'pipeline/payloads-expiring': 'retained',
  'pipeline/payloads-lost': 'logged',
  'pipeline/delivery-failing': 'logged',
  'pipeline/incomplete': 'logged',
  'pipeline/spans-unsent': 'spans',
};

const describeReplay = (heading: string, since: number): string[] => {
  const from = Object.hasOwn(REPLAYS, heading) ? REPLAYS[heading] : undefined;
  if (from === undefined) return [];
  const begin = `${new Date(since - LOST_BEFORE_MS).toISOString().slice(0, 19)}Z`;
  if (from === 'spans') return [`Once that is mended, send what is missing: npm run replay -- --spans --from ${begin}`];
  const options = from === 'retained' ? '' : ` -- --from ${begin}`;
  return [`Once that is mended, store what is missing: npm run replay${options}`];
};

/** A rule can be disabled, which mutes no other. */
const describeDisable = (cause: string): string[] => {
  const [, rule = ''] = /^alert-rule\/(.+)$/.exec(cause) ?? [];
  return PLAIN.test(rule) ? [`Disable the rule: npx toolwatch rules disable ${rule}`] : [];
};

/** The commands for an incident that lasts, each a line. */
export const describeActions = (
  message: Message & { since: number },
  heading: string,
  topology: Topology,
): string[] => {
  const target = muteTargetOf(message, topology);
  return [
    ...describeReplay(heading, message.since),
    ...describeDisable(message.cause),
    ...(target && PLAIN.test(target.name) ? [describeMute(target)] : []),
  ];
};
