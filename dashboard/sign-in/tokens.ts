import * as oauth from 'oauth4webapi';
import type { PageSignIn } from '../../lambdas/contract/sign-in.ts';
import { sessionFrom } from './begin-and-finish.ts';
import { clientOf, discoverIssuer, ownAddress, requestOptions } from './issuer.ts';
import { type Session, session } from './storage.ts';

/** A token that ends within this time is renewed before it is used, in milliseconds. */
const MARGIN_MS = 60_000;
/** How long signing out waits for the issuer to revoke the tokens, in milliseconds. */
const REVOCATION_MS = 2_000;

let renewal: Promise<string | undefined> | undefined;
let isExpired = false;

/** Whether the latest session ended by itself, and not because the person signed out. */
export const hasExpired = (): boolean => isExpired;

const expire = (): undefined => {
  isExpired = true;
  session.remove();
};

const requestRenewal = async (
  signIn: PageSignIn,
  before: Session,
  refreshToken: string,
): Promise<string | undefined> => {
  const [server, client] = [await discoverIssuer(signIn), clientOf(signIn)];
  const options = requestOptions(signIn);
  const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, options);
  try {
    const answer = await oauth.processRefreshTokenResponse(server, client, response);
    // The person may have signed out meanwhile.
    if (session.read()?.refresh_token !== refreshToken) return undefined;
    session.write(sessionFrom(answer, before));
    return answer.access_token;
  } catch (error) {
    if (!(error instanceof oauth.ResponseBodyError)) throw error;
    return expire();
  }
};

/**
 * A new access token, by the refresh token; undefined when the session has ended. All who ask at the same time get the
 * same, because a refresh token is accepted once. Rejects when the issuer does not answer: then the session goes on.
 */
export const renewToken = (signIn: PageSignIn): Promise<string | undefined> => {
  const current = session.read();
  if (!current?.refresh_token) return Promise.resolve(expire());
  renewal ??= requestRenewal(signIn, current, current.refresh_token).finally(() => {
    renewal = undefined;
  });
  return renewal;
};

const lifeLeft = ({ expires_at }: Session): number => (expires_at ?? Number.POSITIVE_INFINITY) - Date.now();

/** An access token that has not ended; undefined for whoever is not signed in. It is renewed shortly before its end. */
export const currentToken = async (signIn: PageSignIn): Promise<string | undefined> => {
  const current = session.read();
  if (!current) return undefined;
  const left = lifeLeft(current);
  if (left > MARGIN_MS) return current.access_token;
  try {
    return await renewToken(signIn);
  } catch (error) {
    if (left > 0) return current.access_token;
    throw error;
  }
};

const revoke = async (signIn: PageSignIn, endpoint: string, token: string): Promise<void> => {
  // The answer is of no use, and an issuer may not let a page read it.
  await fetch(endpoint, {
    method: 'POST',
    mode: 'no-cors',
    keepalive: true,
    body: new URLSearchParams({ token, client_id: signIn.client_id }),
    signal: AbortSignal.timeout(REVOCATION_MS),
  }).catch(() => {});
};

/** Ends the session here and at the issuer. Returns false when the issuer has no page for it, so the person stays here. */
export const signOut = async (signIn: PageSignIn): Promise<boolean> => {
  const ended = session.read();
  isExpired = false;
  session.remove();
  const server = await discoverIssuer(signIn).catch(() => undefined);
  if (server?.revocation_endpoint && ended?.refresh_token) {
    await revoke(signIn, server.revocation_endpoint, ended.refresh_token);
  }
  if (!server?.end_session_endpoint) return false;
  const page = new URL(server.end_session_endpoint);
  page.searchParams.set('client_id', signIn.client_id);
  page.searchParams.set(signIn.logout_parameter, ownAddress());
  if (signIn.logout_parameter === 'post_logout_redirect_uri' && ended?.id_token) {
    page.searchParams.set('id_token_hint', ended.id_token);
  }
  location.assign(page);
  return true;
};
