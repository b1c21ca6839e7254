import type { FunctionContext } from '../call/incoming.ts';
import type { Failure } from '../failure/failure.ts';
import { failureOfErrorAnswer } from './answer-failures.ts';
import { AUTHORIZER } from './authorizer-events.ts';
import { BATCH_EVENTS } from './batch-events.ts';
import { HTTP_EVENTS } from './http-events.ts';
import { AGENTCORE, APPSYNC, DIRECT, EVENTBRIDGE } from './service-events.ts';
import type { EventDescription, EventShape } from './shape.ts';

/** Every sender whose events are distinguished, with what it makes of an answer. The first that matches counts. */
const EVENT_SHAPES: readonly EventShape[] = [
  AGENTCORE,
  // Authorizers receive the request that they decide on, which looks like a request.
  AUTHORIZER,
  ...HTTP_EVENTS,
  ...BATCH_EVENTS,
  EVENTBRIDGE,
  APPSYNC,
  DIRECT,
];

export interface DescribedEvent extends EventDescription {
  shape: EventShape;
  /** The failure inside an answer that was returned and not thrown. */
  failureIn(answer: unknown): Failure | undefined;
}

function describeByShape(event: unknown, lambda: FunctionContext): DescribedEvent {
  const shape = EVENT_SHAPES.find(({ matches }) => matches(event, lambda)) ?? DIRECT;
  return { ...shape.describe(event, lambda), shape, failureIn: (answer) => shape.failureIn(answer, event) };
}

function describeSafely(event: unknown, lambda: FunctionContext): DescribedEvent {
  try {
    return describeByShape(event, lambda);
  } catch {
    // Shapes read safely; if one does not, that is no reason to keep the function from its event.
    return { ...DIRECT.describe(event, lambda), shape: DIRECT, failureIn: () => undefined };
  }
}

/**
 * What the event of a function without `defineTool` says about the call, and what its sender makes of an answer. When
 * `tool` is given, every event is a call of that tool, and an answer with `isError` is a failure too. Never throws.
 */
export function describeEvent(event: unknown, lambda: FunctionContext, tool?: string): DescribedEvent {
  const described = describeSafely(event, lambda);
  if (tool === undefined) return described;
  const failureIn = (answer: unknown) => described.failureIn(answer) ?? failureOfErrorAnswer(answer);
  return { ...described, kind: 'tool', name: tool, failureIn };
}
