import { type LambdaContext, readLambdaContext } from './call/incoming.ts';
import { beginCall, endCall, type Outcome, runWork } from './call/run-call.ts';
import { addMetadata, enterScope, type Scope } from './call/scope.ts';
import { createWorkContext, type WorkContext } from './call/tool-context.ts';
import { addHeaders, isNearLimit, measureAnswer } from './event/answer-delivery.ts';
import { statusForClient } from './event/answer-failures.ts';
import { type DescribedEvent, describeEvent } from './event/describe-event.ts';
import { toExchangeMetadata } from './event/http-exchange.ts';
import { describeForLine } from './failure/describe-for-line.ts';
import { type Failure, failureOfThrown } from './failure/failure.ts';
import { applyOptions, type ObserveOptions, operationOfWork } from './observe.ts';

export interface HandlerOptions extends Omit<ObserveOptions, 'signal' | 'userId' | 'correlationId' | 'replayOf'> {
  /** The tool that the function implements: all of its calls are recorded under this name, whatever the event. */
  tool?: string;
  /** True when the addresses of HTTP clients may be recorded. */
  recordIp?: boolean;
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

type Handler<Event, Context, Answer> = (event: Event, context: Context, work: WorkContext) => Promise<Answer> | Answer;

/** Runs a handler that may also throw before it returns a promise. */
async function runHandler<Event, Context, Answer>(
  handler: Handler<Event, Context, Answer>,
  event: Event,
  context: Context,
  scope: Scope,
): Promise<Answer> {
  return handler(event, context, createWorkContext(scope));
}

interface HandlerCall {
  scope: Scope;
  event: DescribedEvent;
  options: HandlerOptions;
}

function beginHandlerCall(event: unknown, context: unknown, options: HandlerOptions): HandlerCall {
  // Nobody but Lambda cancels a handler, which goes on in any case.
  const lambda = { ...readLambdaContext(context), signal: undefined };
  const described = describeEvent(event, lambda, options.tool);
  const scope = beginCall(operationOfWork(described.kind, described.name, options), lambda, described.call);
  scope.requestBytes = described.requestBytes;
  scope.request = described.http;
  if (described.http && !options.recordIp) described.http.ip = undefined;
  if (described.records !== undefined) addMetadata(scope, { records: described.records });
  applyOptions(scope, options);
  return { scope, event: described, options };
}

const NO_DECLARED_NAMES = new Set<string>();

/** States the request and the status that its client reads. */
function addHttp({ scope, event: { http } }: HandlerCall, answer: unknown, failure: Failure | undefined): void {
  if (!http) return;
  const { method, route, errorStatus } = http;
  const status = statusForClient(answer, failure, errorStatus);
  const metadata = toExchangeMetadata({ method, route, status, ip: scope.request?.ip });
  scope.extraMetadata = scope.extraMetadata ? { ...scope.extraMetadata, ...metadata } : metadata;
}

function endHandlerCall(call: HandlerCall, answer: unknown, failure: Failure | undefined): void {
  const { scope, event } = call;
  addHttp(call, answer, failure);
  endCall(scope, describeForLine(failure, scope, event.readArguments, NO_DECLARED_NAMES));
}

/** The failure that an answer is, or that its sender will make of it because it cannot be delivered. */
function failureInAnswer({ scope, event }: HandlerCall, answer: unknown): Failure | undefined {
  const { bytes, failure } = measureAnswer(answer, event.shape.answerLimitBytes);
  scope.responseBytes = bytes;
  return event.failureIn(answer) ?? failure;
}

/** An HTTP answer with the correlation id, under both of its names, and the duration as headers; any other answer unchanged. */
function addCallHeaders<Answer>({ scope, event }: HandlerCall, answer: Answer): Answer {
  const { answersHttp, answerLimitBytes: limit } = event.shape;
  // At the limit, headers would make the answer too large.
  if (!answersHttp || isNearLimit(scope.responseBytes ?? 0, limit)) return answer;
  return addHeaders(answer, {
    'x-correlation-id': scope.incoming.call.correlation_id,
    'x-request-id': scope.incoming.call.correlation_id,
    'server-timing': `total;dur=${(performance.now() - scope.monotonicStartMs).toFixed(1)}`,
  });
}

function failureOfHandler({ event, options }: HandlerCall, thrown: unknown): Failure {
  return event.shape.failureOfThrown?.(thrown) ?? failureOfThrown(thrown, options.provider);
}

/**
 * Observes an existing Lambda handler that is not a `defineTool`, whatever sends its events. It runs once, with the event
 * and context as they came, and answers and throws as before, except that an HTTP answer gets the headers
 * `x-correlation-id`, `x-request-id` and `server-timing`. As a third argument it receives what observed work receives.
 */
export function observeHandler<Event, Context extends LambdaContext, Answer>(
  handler: Handler<Event, Context, Answer>,
  options: HandlerOptions = {},
): (event: Event, context: Context) => Promise<Answer> {
  return async (event, context) => {
    const call = beginHandlerCall(event, context, options);
    let answering: Promise<Answer> | undefined;
    let answer: Answer | undefined;
    const outcome = await runWork<undefined>(call.scope, undefined, async (): Promise<Outcome<undefined>> => {
      answering = runHandler(handler, event, context, call.scope);
      try {
        answer = await answering;
        const failure = failureInAnswer(call, answer);
        return failure ? { failure } : { result: undefined };
      } catch (error) {
        return { failure: failureOfHandler(call, error) };
      }
    });
    endHandlerCall(call, answer, outcome.failure);
    // Shortly before Lambda ends the process, the line says timeout. The handler may still answer.
    return addCallHeaders(call, (await answering) as Answer);
  };
}

/** The same as middy middleware. Put it first, so that its measurement includes all other middleware. */
export function attachObserver(options: HandlerOptions = {}): Record<'before' | 'after' | 'onError', MiddyPhase> {
  const calls = new WeakMap<MiddyRequest, HandlerCall>();
  const answer = (call: HandlerCall, request: MiddyRequest) => {
    const failure = failureInAnswer(call, request.response);
    request.response = addCallHeaders(call, request.response);
    end(call, failure, request.response);
  };
  const end = (call: HandlerCall, failure: Failure | undefined, response?: unknown) => {
    call.scope.hasOutcome = true;
    endHandlerCall(call, response, failure);
  };
  const findRunning = (request: MiddyRequest): HandlerCall | undefined => {
    const call = calls.get(request);
    return call?.scope.hasOutcome ? undefined : call;
  };
  return {
    before(request) {
      const call = beginHandlerCall(request.event, request.context, options);
      calls.set(request, call);
      enterScope(call.scope);
    },
    after(request) {
      const call = findRunning(request);
      if (call) answer(call, request);
    },
    onError(request) {
      const call = findRunning(request);
      if (!call) return;
      // Another middleware may have answered the error: then the client reads that answer and no error.
      if (request.response === undefined) end(call, failureOfHandler(call, request.error));
      else answer(call, request);
    },
  };
}
