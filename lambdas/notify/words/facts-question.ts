import { isDrill, providerOf, toolOf } from '../../contract/alarms/alarm-name.ts';
import { TEXT_LIMIT_BYTES } from '../../contract/limits.ts';
import { type Fault, KINDS, type Kind } from '../../contract/vocabulary.ts';
import type { Topology } from '../incidents/causes.ts';
import type { IncidentMessage } from '../incidents/incident.ts';
import { fieldsOf } from '../publish/alarm-text.ts';
import { subjectOf } from './about.ts';
import { partsOf } from './alarm-words.ts';

/** What the store is asked about an incident: the query of `/v1/incidents/facts`. */
export interface FactsQuestion {
  readonly cause: string;
  readonly incident: string;
  readonly since: string;
  readonly until: string;
  readonly minutes?: number;
  readonly kind?: Kind;
  readonly names?: string;
  readonly fault?: Fault;
  readonly slow_ms?: number;
  readonly begins?: 'stated';
  readonly traffic?: 'on';
}

type CallQuestion = Pick<FactsQuestion, 'minutes' | 'kind' | 'names' | 'fault' | 'slow_ms' | 'begins' | 'traffic'>;

const DAY_MINUTES = 24 * 60;
/** How many windows an alarm looks back, with one in which what it reports began. */
const WINDOWS = 7;
const MAX_MINUTES = 7 * DAY_MINUTES;

/** The limit of an alarm on durations, in milliseconds, as its notification states it. */
const slowMsOf = (notification: string): number | undefined => {
  const { Trigger } = fieldsOf(notification);
  const { Threshold } = (typeof Trigger === 'object' && Trigger !== null ? Trigger : {}) as { Threshold?: unknown };
  return typeof Threshold === 'number' && Threshold >= 1 && Threshold <= 1e8 ? Math.round(Threshold) : undefined;
};

/** How a condition counts calls; undefined for one that is not about calls that are stored. */
const countingOf = (
  condition: string,
  notification: string,
  windowMinutes: number,
): Omit<CallQuestion, 'kind' | 'names'> | undefined => {
  const minutes = WINDOWS * windowMinutes;
  switch (condition) {
    case 'failing':
    case 'degraded':
    case 'down':
      return { minutes };
    case 'callers-at-fault':
      return { minutes: 24 * windowMinutes, fault: 'caller' };
    case 'new-errors':
    case 'trickle':
    case 'burning-slowly':
      return { minutes: DAY_MINUTES };
    case 'burning-fast':
      return { minutes: DAY_MINUTES / 4 };
    case 'slow':
    case 'very-slow': {
      const slow_ms = slowMsOf(notification);
      return slow_ms === undefined ? undefined : { minutes, slow_ms };
    }
    case 'silent':
    case 'calls-vanished':
      return { minutes: 30, begins: 'stated', traffic: 'on' };
    default:
      return undefined;
  }
};

/** Of which kind and names the calls are that a cause is about. */
const callsOf = (cause: string, { tools }: Topology): Pick<CallQuestion, 'kind' | 'names' | 'fault'> | undefined => {
  const tool = toolOf(cause);
  if (tool !== undefined) return { kind: 'tool', names: tool };
  const provider = providerOf(cause);
  if (provider !== undefined) {
    const dependents = Object.keys(tools).filter((name) => tools[name]?.provider === provider);
    return dependents.length > 0 ? { kind: 'tool', names: dependents.join(','), fault: 'dependency' } : undefined;
  }
  const [family = '', ...rest] = cause.split('/');
  const kind = KINDS.find((known) => known === family);
  const name = rest.join('/');
  // The api separates names by commas.
  return kind !== undefined && name !== '' && !name.includes(',') ? { kind, names: name } : undefined;
};

const askOfCalls = (
  message: Pick<IncidentMessage, 'cause' | 'alarm'>,
  notification: string,
  topology: Topology,
): CallQuestion => {
  const { cause } = message;
  const calls = callsOf(cause, topology);
  const counting = countingOf(
    partsOf(subjectOf(message)).condition,
    notification,
    Math.ceil(topology.windowMs / 60_000),
  );
  return calls && counting ? { ...calls, ...counting, ...(calls.fault && { fault: calls.fault }) } : {};
};

/** What to ask about an incident; undefined for a drill, about which there is nothing to know. */
export const askAbout = (
  message: Omit<IncidentMessage, 'notification'>,
  notification: string,
  topology: Topology,
): FactsQuestion | undefined => {
  const { cause, incident, since, at } = message;
  // A name that the store does not have would be refused.
  if (isDrill(cause) || incident.length > TEXT_LIMIT_BYTES) return undefined;
  const { minutes, ...calls } = askOfCalls(message, notification, topology);
  const until = Math.max(since, at);
  return {
    cause,
    incident,
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    ...calls,
    ...(minutes !== undefined && { minutes: Math.min(minutes, MAX_MINUTES) }),
  };
};
