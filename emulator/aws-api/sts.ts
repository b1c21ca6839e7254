import type { Principal } from '../iam/policy.ts';
import type { Place } from '../place.ts';
import { type ServiceApi, xmlElement, xmlResponse } from './request.ts';

const arnOfPrincipal = ({ partition, account }: Place, principal: Principal): string =>
  'role' in principal
    ? `arn:${partition}:sts::${account}:assumed-role/${principal.role.split('/').at(-1)}/session`
    : `arn:${partition}:iam::${account}:user/${Object.values(principal)[0]}`;

/** GetCallerIdentity, which needs no permission. */
export const createStsApi =
  (place: Place): ServiceApi =>
  ({ body }, principal) => {
    const form = new URLSearchParams(body.toString('utf8'));
    if (form.get('Action') !== 'GetCallerIdentity') return undefined;
    const identity = [
      xmlElement('Arn', arnOfPrincipal(place, principal)),
      xmlElement('UserId', 'AIDA'),
      xmlElement('Account', place.account),
    ];
    const result = xmlElement('GetCallerIdentityResult', identity.join(''));
    return xmlResponse(xmlElement('GetCallerIdentityResponse', result));
  };
