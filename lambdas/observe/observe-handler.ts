import { describeEvent } from './call/describe-event.ts';
import { addCost } from './call/gather.ts';
import type { LambdaContext } from './call/incoming.ts';
import { beginCall, endCall, type Outcome, runCall } from './call/run-call.ts';
import { enterScope, type Scope } from './call/scope.ts';
import { type Failure, failureOfThrown } from './failure/failure.ts';
import { type ObserveOptions, operationOfWork } from './observe.ts';
import { readStackFrames, rewriteFailure } from './privacy/privacy.ts';

export interface HandlerOptions extends Omit<ObserveOptions, 'signal'> {
  /** The tool that the function is: each of its calls is counted under this name, whatever event brings it. */
  tool?: string;
}

/** What middy hands to its middleware, as far as it is read here: who does not use middy needs no types of it. */
interface MiddyRequest {
  event: unknown;
  context: LambdaContext;
  response: unknown;
  error: unknown;
}

type MiddyPhase = (request: MiddyRequest) => void;

type Handler<Event, Context, Answer> = (event: Event, context: Context) => Promise<Answer> | Answer;

interface Begun {
  scope: Scope;
  answersHttp: boolean;
  failureIn(answer: unknown): Failure | undefined;
  args(): unknown;
}

const begin = (event: unknown, context: LambdaContext, options: HandlerOptions): Begun => {
  const described = describeEvent(event, context, options.tool);
  const { kind, name, call, requestBytes, records, answersHttp = false, failureIn, args } = described;
  const scope = beginCall(operationOfWork(kind, name, options), context, call);
  scope.requestBytes = requestBytes;
  if (records !== undefined) scope.extraMetadata = { records };
  if (options.costUsd !== undefined) addCost(scope, options.costUsd);
  return { scope, answersHttp, failureIn, args };
};

const NONE = new Set<string>();

const asTold = ({ scope, args }: Begun, failure: Failure): Failure => {
  if (failure.stack) scope.extraMetadata = { ...scope.extraMetadata, stack: readStackFrames(failure.stack) };
  return rewriteFailure(failure, args(), NONE);
};

/** An HTTP answer with the thread's id and the time it took; any other answer as it is. */
const answered = <Answer>({ scope, answersHttp }: Begun, answer: Answer): Answer => {
  if (!answersHttp || typeof answer !== 'object' || answer === null || !('statusCode' in answer)) {
    return answer;
  }
  const { headers } = answer as { headers?: Record<string, unknown> };
  const ours = {
    'x-correlation-id': scope.incoming.call.correlation_id,
    'server-timing': `total;dur=${(performance.now() - scope.monotonicStartMs).toFixed(1)}`,
  };
  return { ...answer, headers: { ...headers, ...ours } };
};

/**
 * Measures an existing Lambda handler that is no tool of ours: API Gateway v2, SQS batches, EventBridge, AgentCore.
 * What it answers and what it throws stay what they are, but an HTTP answer gets `x-correlation-id` and `server-timing`.
 */
export const observeHandler =
  <Event, Context extends LambdaContext, Answer>(
    handler: Handler<Event, Context, Answer>,
    options: HandlerOptions = {},
  ): ((event: Event, context: Context) => Promise<Answer>) =>
  async (event, context) => {
    const begun = begin(event, context, options);
    const { scope, failureIn } = begun;
    let answer: { given: Answer } | undefined;
    let thrown: unknown;
    await runCall<undefined>(
      scope,
      undefined,
      async (): Promise<Outcome<undefined>> => {
        try {
          answer = { given: answered(begun, await handler(event, context)) };
        } catch (error) {
          thrown = error;
          return { failure: failureOfThrown(error, options.provider) };
        }
        const failure = failureIn(answer.given);
        return failure ? { failure } : { result: undefined };
      },
      (failure) => asTold(begun, failure),
    );
    if (answer) return answer.given;
    throw thrown;
  };

/** The same as middy middleware. Put it first, so that it sees what every other does. */
export const attachObserver = (options: HandlerOptions = {}): Record<'before' | 'after' | 'onError', MiddyPhase> => {
  const begun = new WeakMap<object, Begun>();
  const end = (context: object, outcome: (one: Begun) => Failure | undefined) => {
    const one = begun.get(context);
    if (!one || one.scope.hasOutcome) return;
    one.scope.hasOutcome = true;
    const failure = outcome(one);
    endCall(one.scope, failure && asTold(one, failure));
  };
  return {
    before({ event, context }) {
      const one = begin(event, context, options);
      begun.set(context, one);
      enterScope(one.scope);
    },
    after(request) {
      const one = begun.get(request.context);
      if (one) request.response = answered(one, request.response);
      end(request.context, ({ failureIn }) => failureIn(request.response));
    },
    onError(request) {
      end(request.context, () => failureOfThrown(request.error, options.provider));
    },
  };
};
