import * as oauth from 'oauth4webapi';
import { SECOND_MS } from '../../lambdas/contract/durations.ts';
import type { PageSignIn } from '../../lambdas/contract/sign-in.ts';
import { isUnanswered } from '../data/is-unanswered.ts';
import { clientOf, discoverIssuer, ownAddress, requestOptions, SignInFailed } from './issuer.ts';
import { begunSignIn, type Session, session } from './storage.ts';

/** The session in an answer of the token endpoint. What the answer leaves out stays what it was. */
export const sessionFrom = (answer: oauth.TokenEndpointResponse, before?: Session): Session => {
  const claims = answer.id_token === undefined ? undefined : oauth.getValidatedIdTokenClaims(answer);
  const name = [claims?.email, claims?.name, claims?.sub].find((claim) => typeof claim === 'string');
  return {
    access_token: answer.access_token,
    expires_at: answer.expires_in === undefined ? undefined : Date.now() + answer.expires_in * SECOND_MS,
    refresh_token: answer.refresh_token ?? before?.refresh_token,
    id_token: answer.id_token ?? before?.id_token,
    name: before?.name ?? name,
  };
};

/** Sends the person to the issuer, with proof of possession (PKCE). */
export const beginSignIn = async (signIn: PageSignIn): Promise<void> => {
  const server = await discoverIssuer(signIn);
  if (!server.authorization_endpoint) throw new SignInFailed('The issuer lets nobody sign in by a browser.');
  const begun = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    code_verifier: oauth.generateRandomCodeVerifier(),
    return_to: location.search + location.hash,
  };
  const request = new URL(server.authorization_endpoint);
  const parameters = {
    ...signIn.parameters,
    client_id: signIn.client_id,
    redirect_uri: ownAddress(),
    response_type: 'code',
    scope: signIn.scopes.join(' '),
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(begun.code_verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) request.searchParams.set(name, value);
  begunSignIn.write(begun);
  location.assign(request);
};

const isAnswer = ({ searchParams }: URL): boolean =>
  searchParams.has('state') && (searchParams.has('code') || searchParams.has('error'));

const sentenceOf = (error: unknown): string => {
  if (error instanceof SignInFailed) return error.message;
  if (error instanceof oauth.AuthorizationResponseError) {
    const { error_description: why } = error;
    return error.error === 'access_denied'
      ? 'You were not signed in.'
      : `The issuer refused the sign-in: ${why ?? error.error}.`;
  }
  if (error instanceof oauth.ResponseBodyError) return 'The issuer did not accept this sign-in, or it took too long.';
  if (isUnanswered(error)) return 'The issuer could not be reached. Try again in a minute.';
  return 'The answer of the issuer is not one to this sign-in, so it was refused.';
};

const redeem = async (signIn: PageSignIn, answer: URL): Promise<string> => {
  const begun = begunSignIn.read();
  // Once only: the same answer must not be tried again, whatever comes of it.
  begunSignIn.remove();
  if (!begun || begun.state !== answer.searchParams.get('state')) {
    throw new SignInFailed('This sign-in did not begin in this tab, so it was refused.');
  }
  const [server, client] = [await discoverIssuer(signIn), clientOf(signIn)];
  const parameters = oauth.validateAuthResponse(server, client, answer, begun.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    ownAddress(),
    begun.code_verifier,
    requestOptions(signIn),
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: begun.nonce,
    requireIdToken: true,
  });
  session.write(sessionFrom(tokens));
  return begun.return_to;
};

/**
 * Signs in by the issuer's answer, if there is one in the address, and goes back to the address that the person wanted.
 * Returns why it failed, in a sentence; undefined when it did not.
 */
export const finishSignIn = async (signIn: PageSignIn): Promise<string | undefined> => {
  const answer = new URL(location.href);
  if (!isAnswer(answer)) return undefined;
  // The code must not stay in the history, nor in a bookmark.
  history.replaceState(null, '', location.pathname);
  try {
    // What is behind the path only, so that it can lead to no other place.
    history.replaceState(null, '', location.pathname + (await redeem(signIn, answer)));
    return undefined;
  } catch (error) {
    return `${sentenceOf(error)} Sign in again.`;
  }
};
