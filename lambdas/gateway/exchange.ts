import * as z from 'zod';
import type { CallContext } from '../contract/call-context.ts';
import {
  DEBUG_FLAG_LIMIT,
  DEBUG_HEADER,
  REPLAY_HEADER,
  REPLAY_KEY,
  type RefusedClaim,
} from '../contract/client-context.ts';
import type { Identity } from '../front-door/identity.ts';
import type { UnverifiedLabels } from '../front-door/unverified-token.ts';
import { createUuidV7 } from '../observe/line/uuid.ts';
import { callerOf, traceContextOfCall } from './caller.ts';
import type { NamedClient, RequestSession } from './session.ts';

/** One HTTP request, and what all of its messages share. */
export interface Exchange {
  headers: Headers;
  /** Verified, unlike what the headers say. */
  identity: Identity;
  /** From a token that nothing verified. */
  labels: UnverifiedLabels;
  /** True when the team that runs the deployment sent the request; asked when it claims what only the team may. */
  isFromOperator: () => boolean;
  session: RequestSession;
  correlationId: string;
  startedAtMs: number;
  awsRequestId: string;
  remainingMs: () => number;
  /** Ids of messages whose line has been written already. */
  recordedIds: Set<unknown>;
  /** True once a tool was called: the line of that call stands for the request. */
  hasToolLine: boolean;
  /** What the request claimed and was refused, as far as a line has counted it. */
  countedClaims: Set<RefusedClaim>;
  /** True when the answer is a stream, in which the client receives how far its call has come. */
  isStreamed: boolean;
  /** What our own code threw while it answered. */
  thrown?: unknown;
}

/** The tool's function verifies the flag; what cannot be one is not sent to it. */
const debugFlagIn = (headers: Headers): Pick<CallContext, 'debug_flag'> => {
  const flag = headers.get(DEBUG_HEADER);
  return flag !== null && flag.length <= DEBUG_FLAG_LIMIT ? { debug_flag: flag } : {};
};

const eventId = z.uuid();

/** Which call this one repeats: only the operator may say that, because it changes what the figures mean. */
const replayIn = ({ headers, isFromOperator }: Exchange, meta: Record<string, unknown>) => {
  const claimed = meta[REPLAY_KEY] ?? headers.get(REPLAY_HEADER) ?? undefined;
  if (claimed === undefined) return { isRefused: false };
  const { data: replay_of } = eventId.safeParse(claimed);
  return replay_of && isFromOperator() ? { replay_of, isRefused: false } : { isRefused: true };
};

/** The refused claims that no line of the exchange has counted yet. */
const takeRefusedClaims = ({ session, countedClaims }: Exchange, isReplayRefused: boolean): RefusedClaim[] => {
  const refused: RefusedClaim[] = [
    ...(session.isRefused ? (['session'] as const) : []),
    ...(isReplayRefused ? (['replay_of'] as const) : []),
  ];
  const uncounted = refused.filter((claim) => !countedClaims.has(claim));
  for (const claim of uncounted) countedClaims.add(claim);
  return uncounted;
};

/**
 * The context of a call, or of a request that is none, that began at `atMs`. `meta` is what its message carries; what is
 * verified comes last, so that nothing can replace it.
 */
export const createCallContext = (
  exchange: Exchange,
  atMs: number,
  meta: Record<string, unknown> = {},
  client?: NamedClient,
): CallContext => {
  const { headers, labels, session, identity } = exchange;
  const { unverified = [], ...caller } = callerOf({ headers, session: session.session, labels }, client);
  const fromToken = unverified.filter((label) => !(label in identity));
  const { replay_of, isRefused } = replayIn(exchange, meta);
  const refused = takeRefusedClaims(exchange, isRefused);
  return {
    event_id: createUuidV7(atMs),
    ...traceContextOfCall(exchange, meta),
    ...caller,
    ...(fromToken.length > 0 && { unverified: fromToken }),
    ...(replay_of && { replay_of }),
    ...(refused.length > 0 && { refused }),
    ...debugFlagIn(headers),
    ...identity,
  };
};
