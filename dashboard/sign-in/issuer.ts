import * as oauth from 'oauth4webapi';
import type { PageSignIn } from '../../lambdas/contract/sign-in.ts';

/** A sign-in that did not succeed, in a sentence for the person. */
export class SignInFailed extends Error {
  override name = 'SignInFailed';
}

/** An issuer without TLS is accepted on this machine only. */
const isLocal = (issuer: string): boolean => new URL(issuer).hostname === 'localhost';

/** How long the page waits for an issuer, in milliseconds. */
const TIMEOUT_MS = 15_000;

/** The options of every request to an issuer. */
export const requestOptions = ({ issuer }: PageSignIn) => ({
  [oauth.allowInsecureRequests]: isLocal(issuer),
  signal: () => AbortSignal.timeout(TIMEOUT_MS),
});

let known: Promise<oauth.AuthorizationServer> | undefined;

/** The issuer's own description of itself, asked for once. Throws `SignInFailed` when it does not answer. */
export const discoverIssuer = (signIn: PageSignIn): Promise<oauth.AuthorizationServer> => {
  const issuer = new URL(signIn.issuer);
  known ??= oauth
    .discoveryRequest(issuer, requestOptions(signIn))
    .then((response) => oauth.processDiscoveryResponse(issuer, response))
    .catch((cause: unknown) => {
      known = undefined;
      throw new SignInFailed(`The issuer ${issuer.host} does not answer. Try again in a minute.`, { cause });
    });
  return known;
};

/** This page, as a client without a secret. */
export const clientOf = ({ client_id }: PageSignIn): oauth.Client => ({ client_id });

/** Where the issuer sends people back to: this page, without what is behind it. */
export const ownAddress = (): string => `${location.origin}/`;
