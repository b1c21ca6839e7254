import { describeEvent } from './call/describe-event.ts';
import { addCost } from './call/gather.ts';
import type { LambdaContext } from './call/incoming.ts';
import { beginCall, endCall, type Outcome, runWork } from './call/run-call.ts';
import { addMetadata, enterScope, type Scope } from './call/scope.ts';
import { type Failure, failureOfThrown } from './failure/failure.ts';
import { prepareForLine } from './failure/prepare-for-line.ts';
import { type ObserveOptions, operationOfWork } from './observe.ts';

export interface HandlerOptions extends Omit<ObserveOptions, 'signal'> {
  /** The tool that the function implements: all of its calls are recorded under this name, whatever the event. */
  tool?: string;
}

/**
 * The parts of middy's request that are read here. Declared here, so that an app without middy needs no types of it.
 */
interface MiddyRequest {
  event: unknown;
  context: LambdaContext;
  response: unknown;
  error: unknown;
}

type MiddyPhase = (request: MiddyRequest) => void;

type Handler<Event, Context, Answer> = (event: Event, context: Context) => Promise<Answer> | Answer;

interface HandlerCall {
  scope: Scope;
  answersHttp: boolean;
  failureIn(answer: unknown): Failure | undefined;
  readArguments(): unknown;
}

const beginHandlerCall = (event: unknown, context: LambdaContext, options: HandlerOptions): HandlerCall => {
  const { kind, name, call, requestBytes, records, answersHttp, failureIn, readArguments } = describeEvent(
    event,
    context,
    options.tool,
  );
  const scope = beginCall(operationOfWork(kind, name, options), context, call);
  scope.requestBytes = requestBytes;
  if (records !== undefined) addMetadata(scope, { records });
  if (options.costUsd !== undefined) addCost(scope, options.costUsd);
  return { scope, answersHttp: answersHttp ?? false, failureIn, readArguments };
};

const NO_DECLARED_NAMES = new Set<string>();

const endHandlerCall = ({ scope, readArguments }: HandlerCall, failure: Failure | undefined): void =>
  endCall(scope, failure && prepareForLine(failure, scope, readArguments(), NO_DECLARED_NAMES));

/** An HTTP answer with the correlation id and the duration as headers; any other answer unchanged. */
const addHeaders = <Answer>({ scope, answersHttp }: HandlerCall, answer: Answer): Answer => {
  if (!answersHttp || typeof answer !== 'object' || answer === null || !('statusCode' in answer)) {
    return answer;
  }
  const { headers } = answer as { headers?: Record<string, unknown> };
  const addedHeaders = {
    'x-correlation-id': scope.incoming.call.correlation_id,
    'server-timing': `total;dur=${(performance.now() - scope.monotonicStartMs).toFixed(1)}`,
  };
  return { ...answer, headers: { ...headers, ...addedHeaders } };
};

/**
 * Observes an existing Lambda handler that is not a `defineTool`: for API Gateway v2, SQS, EventBridge or AgentCore. It
 * answers and throws as before, except that an HTTP answer gets the headers `x-correlation-id` and `server-timing`.
 */
export const observeHandler =
  <Event, Context extends LambdaContext, Answer>(
    handler: Handler<Event, Context, Answer>,
    options: HandlerOptions = {},
  ): ((event: Event, context: Context) => Promise<Answer>) =>
  async (event, context) => {
    const call = beginHandlerCall(event, context, options);
    let returned: { answer: Answer } | undefined;
    let thrown: unknown;
    const outcome = await runWork<undefined>(call.scope, undefined, async (): Promise<Outcome<undefined>> => {
      try {
        returned = { answer: addHeaders(call, await handler(event, context)) };
      } catch (error) {
        thrown = error;
        return { failure: failureOfThrown(error, options.provider) };
      }
      const failure = call.failureIn(returned.answer);
      return failure ? { failure } : { result: undefined };
    });
    endHandlerCall(call, outcome.failure);
    if (returned) return returned.answer;
    throw thrown;
  };

/** The same as middy middleware. Put it first, so that its measurement includes all other middleware. */
export const attachObserver = (options: HandlerOptions = {}): Record<'before' | 'after' | 'onError', MiddyPhase> => {
  const calls = new WeakMap<object, HandlerCall>();
  const end = (context: object, findFailure: (call: HandlerCall) => Failure | undefined) => {
    const call = calls.get(context);
    if (!call || call.scope.hasOutcome) return;
    call.scope.hasOutcome = true;
    endHandlerCall(call, findFailure(call));
  };
  return {
    before({ event, context }) {
      const call = beginHandlerCall(event, context, options);
      calls.set(context, call);
      enterScope(call.scope);
    },
    after(request) {
      const call = calls.get(request.context);
      if (call) request.response = addHeaders(call, request.response);
      end(request.context, ({ failureIn }) => failureIn(request.response));
    },
    onError(request) {
      end(request.context, () => failureOfThrown(request.error, options.provider));
    },
  };
};
