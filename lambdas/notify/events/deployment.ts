import { DAY_MS, MINUTE_MS } from '../../contract/durations.ts';
import type { DeploymentEvent, StackPhase } from './deployment-event.ts';

/** What people are notified of a deployment, once each. `stuck` is that it could not be rolled back either. */
export type DeploymentStep = 'started' | 'completed' | 'failed' | 'rolled back' | 'stuck';

/** Everything that is remembered of the last deployment. Serializable as JSON. */
export interface Deployment {
  /** When it began, or was noticed first, in milliseconds since 1970. */
  readonly since: number;
  /** What ran when it began. */
  readonly versionBefore: string;
  readonly stacks: Readonly<Record<string, { readonly phase: StackPhase; readonly at: number }>>;
  /** When its last event happened. */
  readonly lastAt: number;
  /** What people were notified of, each with the id of the message that it follows from. */
  readonly reported: Readonly<Partial<Record<DeploymentStep, string>>>;
  readonly isOver: boolean;
}

export interface DeploymentContext {
  /** What runs, as the notifier's own environment says it: the new version once its stack is changed. */
  readonly version: string;
  /** The stack whose end is that of the deployment; others come before it. */
  readonly lastStack: string;
}

/** What follows from an event. */
export interface DeploymentDecision {
  readonly deployment: Deployment | undefined;
  readonly step: DeploymentStep | undefined;
}

/** Instead of the id of a message, where a step follows from the passing of time. */
const PASSED = '-';
/** Nothing of a deployment takes so long without an event: one that is still open has lost its end. */
const FORGOTTEN_MS = DAY_MS;
/** How long after a stack that comes first another one may begin. */
const BETWEEN_STACKS_MS = 10 * MINUTE_MS;

/** The order of phases that have the same second. */
const RANKS: Readonly<Record<StackPhase, number>> = { running: 0, failed: 1, succeeded: 2, 'rolled back': 2, stuck: 2 };

type StackEvent = Extract<DeploymentEvent, { kind: 'stack' }>;

const isLate = ({ stack, phase, at }: StackEvent, { stacks, isOver, lastAt }: Deployment): boolean => {
  const known = Object.hasOwn(stacks, stack) ? stacks[stack] : undefined;
  if (!known) return isOver && at <= lastAt;
  return at < known.at || (at === known.at && RANKS[phase] <= RANKS[known.phase]);
};

/** Whether an event is of another deployment than the last that is known. */
const beginsAnother = (event: StackEvent, { stacks, isOver, lastAt }: Deployment): boolean => {
  if (isOver || event.at - lastAt > FORGOTTEN_MS) return true;
  const known = Object.hasOwn(stacks, event.stack) ? stacks[event.stack] : undefined;
  return event.phase === 'running' && known !== undefined && known.phase !== 'running';
};

const begin = (at: number, versionBefore: string): Deployment => ({
  since: at,
  versionBefore,
  stacks: {},
  lastAt: at,
  reported: {},
  isOver: false,
});

const isUnderWay = ({ stacks }: Deployment): boolean =>
  Object.values(stacks).some(({ phase }) => phase === 'running' || phase === 'failed');

/** Whether a stack is as before, of which people are notified when no other one is under way. */
const isRolledBack = ({ stacks }: Deployment): boolean =>
  Object.values(stacks).some(({ phase }) => phase === 'rolled back');

/** The step that a stack's phase is, where people are not notified of it yet. */
const stepOf = (
  { phase, stack }: StackEvent,
  deployment: Deployment,
  lastStack: string,
): DeploymentStep | undefined => {
  switch (phase) {
    case 'running':
      return Object.keys(deployment.reported).length === 0 ? 'started' : undefined;
    case 'failed':
    case 'stuck':
      return deployment.reported[phase] === undefined ? phase : undefined;
    default:
      if (isUnderWay(deployment)) return undefined;
      if (isRolledBack(deployment)) return 'rolled back';
      return stack === lastStack ? 'completed' : undefined;
  }
};

const tell = (deployment: Deployment, step: DeploymentStep | undefined, messageId: string): DeploymentDecision => ({
  deployment: step
    ? {
        ...deployment,
        reported: { ...deployment.reported, [step]: messageId },
        isOver: step === 'completed' || step === 'rolled back',
      }
    : deployment,
  step,
});

const applyStackEvent = (
  before: Deployment | undefined,
  event: StackEvent,
  messageId: string,
  { version, lastStack }: DeploymentContext,
): DeploymentDecision => {
  if (before && isLate(event, before)) return { deployment: before, step: undefined };
  const own = before && !beginsAnother(event, before) ? before : begin(event.at, version);
  const { stack, phase, at } = event;
  const deployment = {
    ...own,
    stacks: { ...own.stacks, [stack]: { phase, at } },
    lastAt: Math.max(own.lastAt, at),
  };
  return tell(deployment, stepOf(event, deployment, lastStack), messageId);
};

/**
 * What people are to be notified of after an event, at most one thing, and never one twice of one deployment, whatever the
 * order in which events arrive. The event of a message that comes again leads to the same as before. Pure.
 */
export const applyDeploymentEvent = (
  before: Deployment | undefined,
  event: DeploymentEvent,
  messageId: string,
  context: DeploymentContext,
): DeploymentDecision => {
  const again = Object.entries(before?.reported ?? {}).find(([, id]) => id === messageId);
  if (again) return { deployment: before, step: again[0] as DeploymentStep };
  if (event.kind === 'stack') return applyStackEvent(before, event, messageId, context);
  if (event.kind === 'nothing new' || before?.reported.failed !== undefined)
    return { deployment: before, step: undefined };
  // It is the stack that waits for the shift, so it is known already that the deployment has begun.
  if (before?.isOver && event.at <= before.lastAt) return { deployment: before, step: undefined };
  const own = before && !before.isOver ? before : begin(event.at, context.version);
  return tell({ ...own, lastAt: Math.max(own.lastAt, event.at) }, 'failed', messageId);
};

/**
 * Ends a deployment of which only stacks were changed that come before the last one: nothing else says that it is done.
 */
export const passTimeOfDeployment = (before: Deployment, now: number): DeploymentDecision => {
  const phases = Object.values(before.stacks).map(({ phase }) => phase);
  const isDone = !before.isOver && phases.length > 0 && phases.every((phase) => phase === 'succeeded');
  return isDone && now - before.lastAt > BETWEEN_STACKS_MS
    ? tell(before, 'completed', PASSED)
    : { deployment: before, step: undefined };
};
