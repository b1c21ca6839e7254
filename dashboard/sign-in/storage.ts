/**
 * What the page remembers in this tab. The storage of the session outlives a reload and the way to the issuer and back,
 * which memory does not; it ends with the tab and is seen by no other, which the local storage is not. A script of
 * somebody else's could read either, and the content security policy lets none run.
 */

/** A person's tokens. */
export interface Session {
  access_token: string;
  /** In milliseconds since 1970; undefined when the issuer did not say. */
  expires_at: number | undefined;
  refresh_token: string | undefined;
  id_token: string | undefined;
  /** The person, as the issuer calls them. */
  name: string | undefined;
}

/** A sign-in that has begun: what its answer is compared with. */
export interface BegunSignIn {
  state: string;
  nonce: string;
  code_verifier: string;
  /** The address that the person wanted, without its origin. */
  return_to: string;
}

const item = <Value>(key: string) => ({
  read: (): Value | undefined => {
    const text = sessionStorage.getItem(key);
    return text === null ? undefined : JSON.parse(text);
  },
  write: (value: Value): void => sessionStorage.setItem(key, JSON.stringify(value)),
  remove: (): void => sessionStorage.removeItem(key),
});

export const session = item<Session>('toolwatch-session');
export const begunSignIn = item<BegunSignIn>('toolwatch-begun-sign-in');
