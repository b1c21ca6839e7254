import { BadRequestError, ForbiddenError, UnauthorizedError } from '@aws-lambda-powertools/event-handler/http';
import type { RequestContext } from '@aws-lambda-powertools/event-handler/types';
import type { FrontDoorEnv } from '../contract/env.ts';
import { identityOf, type RefusedIdentity } from '../front-door/identity.ts';
import type { RoutableEvent } from './routable.ts';

const ERRORS = { 400: BadRequestError, 401: UnauthorizedError, 403: ForbiddenError };

const toHttpError = ({ status, message }: RefusedIdentity['refused']): Error => new ERRORS[status](message);

/** Finds out who sent a request. Both functions throw an HTTP error for a sender without access. */
export const requesterOf = (env: FrontDoorEnv) => {
  /** The tenant whose calls the sender may see; undefined for the operator, who may see all tenants. */
  const tenantOf = (context: RequestContext): string | undefined => {
    const identity = identityOf((context.event as RoutableEvent).received, env);
    if ('refused' in identity) throw toHttpError(identity.refused);
    return identity.tenant_id;
  };
  /** Admits the operator only, for answers that cover all tenants. */
  const operatorOnly = (context: RequestContext): void => {
    if (tenantOf(context) !== undefined) {
      throw new ForbiddenError('Only the operator may read this: it covers all tenants. A tenant may read /v1/tools.');
    }
  };
  return { tenantOf, operatorOnly };
};
