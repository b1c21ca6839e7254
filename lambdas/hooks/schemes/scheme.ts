import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A request of a sender, before it is known who sent it. */
export interface HookRequest {
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** Without its parameters; undefined where the sender states none. */
  readonly mediaType: string | undefined;
  /** As the sender knows it, with its query. */
  readonly url: string;
}

/** How the senders of one kind sign. */
export interface Scheme {
  /** Whether the request is signed with this secret. It takes as long for a wrong signature as for the right one. */
  readonly isSignedWith: (request: HookRequest, secret: string) => boolean;
  /** When it was signed, in seconds since 1970, where that is a part of what is signed. */
  readonly signedAt?: (request: HookRequest) => number | undefined;
  /** How the sender names this delivery, which it sends again under the same name. `body` is the body's JSON, if any. */
  readonly deliveryOf: (request: HookRequest, body: Readonly<Record<string, unknown>>) => unknown;
  /** Why no request can be signed with this secret; undefined for one that can be used. */
  readonly findSecretProblem?: (secret: string) => string | undefined;
  /** A request by which the sender only finds out whether somebody answers, which it does not sign. */
  readonly isUnsignedPing?: (request: HookRequest) => boolean;
}

/** The keyed hash of texts and bytes, one after the other. */
export const hmac = (
  algorithm: 'sha1' | 'sha256',
  key: string | Buffer,
  parts: readonly (string | Buffer)[],
  encoding: 'hex' | 'base64',
): string => {
  const hash = createHmac(algorithm, key);
  for (const part of parts) hash.update(part);
  return hash.digest(encoding);
};

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Whether two texts are the same. By their digests, so that the time it takes says nothing of either, not even a length;
 * and as texts, since different texts of Base64 may mean the same bytes.
 */
export const isSame = (expected: string, given: string | undefined): boolean =>
  timingSafeEqual(digestOf(expected), digestOf(given ?? '')) && given !== undefined;

/** Whether one of several signatures is the expected one. All are compared. */
export const isAmong = (expected: string, given: readonly string[]): boolean =>
  given.filter((signature) => isSame(expected, signature)).length > 0;

/** Whole seconds since 1970; undefined for any other text. */
export const readSeconds = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;

/** The most signatures in one header that are compared. Senders write two while they change over. */
export const MAX_SIGNATURES = 10;
