import { BadRequestError, ForbiddenError, UnauthorizedError } from '@aws-lambda-powertools/event-handler/http';
import type { RequestContext } from '@aws-lambda-powertools/event-handler/types';
import type { FrontDoorEnv } from '../../contract/env/front-door.ts';
import { type Actor, actorOf } from '../../front-door/actor.ts';
import {
  distinguishesOperators,
  identityOf,
  isFromOperator,
  mayReadMetrics,
  type RefusedIdentity,
} from '../../front-door/identity.ts';
import type { RoutableEvent } from './routable.ts';

const ERRORS = { 400: BadRequestError, 401: UnauthorizedError, 403: ForbiddenError };

const toHttpError = ({ status, message }: RefusedIdentity['refused']): Error => new ERRORS[status](message);

/** Finds out who sent a request. All functions throw an HTTP error for a sender without access. */
export const requesterOf = (env: FrontDoorEnv) => {
  const receivedOf = (context: RequestContext) => (context.event as RoutableEvent).received;
  /** The tenant whose calls the sender may see; undefined for the operator, who may see all tenants. */
  const tenantOf = (context: RequestContext): string | undefined => {
    const identity = identityOf(receivedOf(context), env);
    if ('refused' in identity) throw toHttpError(identity.refused);
    return identity.tenant_id;
  };
  /** Admits the operator only, for answers that cover all tenants. */
  const operatorOnly = (context: RequestContext): void => {
    const tenant = tenantOf(context);
    const isOperator = !distinguishesOperators(env) || isFromOperator(receivedOf(context), env);
    if (tenant === undefined && isOperator) return;
    throw new ForbiddenError('Only the operator may read this: it covers all tenants. A tenant may read /v1/tools.');
  };
  /** Admits the operator, and the clients that have their tokens for the metrics. */
  const metricsOnly = (context: RequestContext): void => {
    if (!mayReadMetrics(receivedOf(context), env)) operatorOnly(context);
  };
  /** Who asks for a change: the operator. */
  const changeOnly = (context: RequestContext): Actor => {
    const actor = actorOf(receivedOf(context), env);
    if ('refused' in actor) throw toHttpError(actor.refused);
    return actor;
  };
  return { tenantOf, operatorOnly, metricsOnly, changeOnly };
};
