import { BadRequestError, ForbiddenError, UnauthorizedError } from '@aws-lambda-powertools/event-handler/http';
import type { RequestContext } from '@aws-lambda-powertools/event-handler/types';
import type { FrontDoorEnv } from '../contract/env.ts';
import { identityOf, type Refused } from '../front-door/identity.ts';

const ERRORS = { 400: BadRequestError, 401: UnauthorizedError, 403: ForbiddenError };

const thrown = ({ status, message }: Refused['refused']): Error => new ERRORS[status](message);

/** Who asks. Each of both throws an error of HTTP for somebody who may not. */
export const requesterOf = (env: FrontDoorEnv) => {
  /** The tenant whose calls are told; none for the house, which is told everybody's. */
  const tenantOf = (asked: RequestContext): string | undefined => {
    if (asked.responseType !== 'ApiGatewayV2') throw new UnauthorizedError('Come through the front door.');
    const identity = identityOf(asked.event, env);
    if ('refused' in identity) throw thrown(identity.refused);
    return identity.tenant_id;
  };
  /** For what is told of all tenants at once. */
  const houseOnly = (asked: RequestContext): void => {
    if (tenantOf(asked) !== undefined) {
      throw new ForbiddenError('This is told of the whole house, to who runs it; a tenant reads /v1/tools.');
    }
  };
  return { tenantOf, houseOnly };
};
