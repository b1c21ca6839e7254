import type { CallContext } from '../../contract/call-context.ts';
import type { Kind } from '../../contract/vocabulary.ts';
import type { FunctionContext } from '../call/incoming.ts';
import type { Failure } from '../failure/failure.ts';

/** What an event says about the HTTP request that it is. */
export interface HttpRequest {
  method: string | undefined;
  /** The route's pattern; undefined where the sender has no routes. */
  route: string | undefined;
  ip: string | undefined;
  /** What the client reads when the function throws, or answers what its sender does not take. */
  errorStatus: number;
}

/** What an event says about the call. */
export interface EventDescription {
  kind: Kind;
  name: string;
  /** What the event itself says about the caller and the trace. */
  call?: Partial<CallContext>;
  requestBytes?: number;
  /** Of an HTTP request. */
  http?: HttpRequest;
  /** The number of messages in a batch. */
  records?: number;
  /**
   * Everything in the event that callers wrote and that an error message must not repeat. Read only after a failure.
   */
  readArguments(): unknown;
}

/** A kind of event, and what its sender makes of the function's answer. */
export interface EventShape {
  /** AWS's name of the sender. */
  sender: string;
  /** True for an event of this sender. Events are other people's data, so it reads them safely. */
  matches(event: unknown, lambda: FunctionContext): boolean;
  describe(event: unknown, lambda: FunctionContext): EventDescription;
  /** The failure that the sender sees in an answer; undefined for a success. */
  failureIn(answer: unknown, event: unknown): Failure | undefined;
  /** The failure that a thrown error is for this sender, when that is not simply an error. */
  failureOfThrown?(thrown: unknown): Failure | undefined;
  /** True when the answer is an HTTP response, which may have more headers. */
  answersHttp?: true;
  /** The largest answer that the sender takes, in bytes of JSON; Lambda's own limit by default. */
  answerLimitBytes?: number;
}
