import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { parseJson } from '../contract/parse-json.ts';

/** What a token says that API Gateway has verified. */
export interface VerifiedToken {
  /**
   * The scopes of the token as API Gateway compares them with a route's. Empty when the route has none: then nothing
   * has looked at the scopes.
   */
  scopes: readonly string[];
  /** The text of a claim; undefined when the token has no such claim, or one that is not text. */
  textOf(claim: string): string | undefined;
  /** The items of a claim that is a list of texts; none for any other claim. */
  listOf(claim: string): readonly string[];
}

type Event = Pick<APIGatewayProxyEventV2, 'headers' | 'requestContext'>;

const jwtContext = z.object({
  authorizer: z.object({
    jwt: z.object({ claims: z.record(z.string(), z.unknown()), scopes: z.array(z.string()).nullish() }),
  }),
});
const texts = z.array(z.string());
const tokenPayload = z.record(z.string(), z.unknown());

/** What API Gateway's text of a claim looks like that is null, true or false, a number, a list or an object. */
const OF_ANOTHER_TYPE = /^(?:null|true|false|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[[{].*)$/is;

/** The payload of a token; undefined when it cannot be read. It is not verified here. */
export const payloadOf = (token: string): Record<string, unknown> | undefined => {
  const [, payload] = token.split('.');
  return tokenPayload.safeParse(parseJson(Buffer.from(payload ?? '', 'base64url').toString())).data;
};

/** OpenID Connect allows 255 ASCII characters. In bytes. */
const USER_LIMIT_BYTES = 256;

/** The user id for a token's subject. One that is too long is hashed and not cut: two users must not become one. */
export const toUserId = (subject: string): string =>
  Buffer.byteLength(subject) <= USER_LIMIT_BYTES
    ? subject
    : `sha256:${createHash('sha256').update(subject).digest('hex')}`;

/**
 * The token that API Gateway has verified; undefined when there is none. API Gateway passes on every claim as text: the
 * number 42 as `42`, true as `true`, a list as `[a b]`. The claim's own type stands only in the token itself.
 */
export const verifiedTokenIn = (event: Event): VerifiedToken | undefined => {
  const context = jwtContext.safeParse(event.requestContext);
  if (!context.success) return undefined;
  const { claims, scopes } = context.data.authorizer.jwt;
  const payload = payloadOf((event.headers?.authorization ?? '').replace(/^Bearer /i, ''));
  return {
    scopes: scopes ?? [],
    textOf(claim) {
      const text = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
      if (typeof text !== 'string') return undefined;
      const isText = payload ? Object.hasOwn(payload, claim) && payload[claim] === text : !OF_ANOTHER_TYPE.test(text);
      return isText ? text : undefined;
    },
    listOf(claim) {
      const list = texts.safeParse(payload && Object.hasOwn(payload, claim) ? payload[claim] : undefined);
      // API Gateway's text of a list can be split in more ways than one, so it only confirms the token's own list.
      return list.success && Object.hasOwn(claims, claim) && claims[claim] === `[${list.data.join(' ')}]`
        ? list.data
        : [];
    },
  };
};
