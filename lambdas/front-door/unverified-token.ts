import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { UnverifiedLabel } from '../contract/client-context.ts';
import { payloadOf, toUserId } from './token.ts';

type Event = Pick<APIGatewayProxyEventV2, 'headers' | 'requestContext'>;

/** What a token says that nothing has verified: it labels a call, and identifies nobody. */
export interface UnverifiedLabels extends Partial<Record<UnverifiedLabel, string>> {
  /** Which of these labels there are. */
  unverified?: UnverifiedLabel[];
}

/** With IAM, the request's own signature is in `authorization`; a proxy that signs moves the token to the other. */
const HEADERS = ['authorization', 'x-forwarded-authorization'];
const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i;
/** The longest token that is decoded, in characters. */
const TOKEN_LIMIT = 8_192;

const tokenIn = ({ headers }: Event): string | undefined =>
  HEADERS.map((name) => headers?.[name])
    .filter((header) => header !== undefined && header.length <= TOKEN_LIMIT)
    .flatMap((header) => BEARER.exec(header ?? '')?.[1] ?? [])[0];

/** The claims of OAuth that name the client which a token was issued to. */
const CLIENT_CLAIMS = ['azp', 'client_id'];

/**
 * The labels in a bearer token that is decoded and not verified: the user from `sub`, the client from `azp` or
 * `client_id`, and the calling GPT from the claim of that name. None of its other claims is looked at, so that it can
 * give nobody a tenant, a scope or a right.
 */
export const readUnverifiedLabels = (event: Event, sourceGptClaim: string | undefined): UnverifiedLabels => {
  const token = tokenIn(event);
  const payload = token === undefined ? undefined : payloadOf(token);
  if (!payload) return {};
  const textOf = (claim: string | undefined): string | undefined => {
    const value = claim !== undefined && Object.hasOwn(payload, claim) ? payload[claim] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const subject = textOf('sub');
  const labels: Partial<Record<UnverifiedLabel, string | undefined>> = {
    user_id: subject && toUserId(subject),
    source_gpt: textOf(sourceGptClaim),
    client_name: CLIENT_CLAIMS.map(textOf).find((client) => client !== undefined),
  };
  const found = Object.entries(labels).filter((entry): entry is [UnverifiedLabel, string] => entry[1] !== undefined);
  return found.length === 0 ? {} : { ...Object.fromEntries(found), unverified: found.map(([label]) => label) };
};
