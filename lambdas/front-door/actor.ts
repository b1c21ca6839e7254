import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import type { ActorKind } from '../contract/audit-line.ts';
import { ACTOR_HEADER, DIRECT } from '../contract/direct-request.ts';
import type { FrontDoorEnv } from '../contract/env/front-door.ts';
import { isKey } from '../contract/limits.ts';
import {
  distinguishesOperators,
  identityOf,
  isAdmittedByToken,
  isFromOperator,
  type RefusedIdentity,
} from './identity.ts';
import { toUserId, verifiedTokenIn } from './token.ts';

/** Who changes something, and how that is known. */
export interface Actor {
  actor: string;
  actor_kind: ActorKind;
}

type Event = Pick<APIGatewayProxyEventV2, 'headers' | 'requestContext'>;

const UNKNOWN = 'unknown';
const iamContext = z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string() }) }) });

const nameOr = (name: string | undefined): string => (name !== undefined && isKey(name) ? name : UNKNOWN);

const describeActor = (event: Event, env: FrontDoorEnv): Actor => {
  if (isAdmittedByToken(event, env)) {
    const token = verifiedTokenIn(event);
    const subject = token?.textOf('sub') || token?.textOf('client_id');
    return { actor: nameOr(subject && toUserId(subject)), actor_kind: 'token' };
  }
  if (event.requestContext.apiId === DIRECT)
    return { actor: nameOr(event.headers?.[ACTOR_HEADER]), actor_kind: 'stated' };
  return { actor: nameOr(iamContext.safeParse(event.requestContext).data?.authorizer.iam.userArn), actor_kind: 'iam' };
};

const refuse = (message: string): RefusedIdentity => ({ refused: { status: 403, message } });

/**
 * Who changes something by this request: the operator, and nobody else. A token must say that it is the operator's, also
 * where every token may read everything.
 */
export const actorOf = (event: Event, env: FrontDoorEnv): Actor | RefusedIdentity => {
  const identity = identityOf(event, env);
  if ('refused' in identity) return identity;
  if (identity.tenant_id !== undefined) return refuse('Only the operator may do this, and not on behalf of a tenant.');
  if (isFromOperator(event, env)) return describeActor(event, env);
  return distinguishesOperators(env)
    ? refuse('Only the operator may do this.')
    : refuse('No token of this deployment is the operator’s, so none may do this. Use the command toolwatch.');
};
