import { useState } from 'preact/hooks';
import type { PageSignIn } from '../../lambdas/contract/sign-in.ts';
import { readAccess, readSignIn } from './access.ts';
import { beginSignIn } from './begin-and-finish.ts';
import { pastedToken } from './pasted-token.ts';
import { session } from './storage.ts';
import { signOut } from './tokens.ts';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const SignInButton = ({ signIn, problem }: { signIn: PageSignIn; problem: string }) => {
  const [failure, setFailure] = useState<string>();
  const begin = () => void beginSignIn(signIn).catch((error: unknown) => setFailure(messageOf(error)));
  return (
    <section class="sign-in">
      <p role="status">{failure ?? problem}</p>
      {/* Whoever is signed in and refused would only be signed in again. */}
      {session.read() === undefined && (
        <button type="button" onClick={begin}>
          Sign in
        </button>
      )}
    </section>
  );
};

/** For an issuer that has no client for this page, so that nobody can sign in on it. */
const TokenForm = ({ onToken }: { onToken: () => void }) => (
  <form
    class="sign-in"
    onSubmit={(event) => {
      event.preventDefault();
      pastedToken.write(String(new FormData(event.currentTarget).get('token')).trim());
      onToken();
    }}
  >
    <label for="token">This deployment requires a token from its issuer</label>
    <input id="token" name="token" type="password" autocomplete="off" required />
    <button type="submit">Continue</button>
  </form>
);

/** What somebody sees who is not signed in, with the reason in a sentence. */
export const SignInPanel = ({ problem, onToken }: { problem: string; onToken: () => void }) => {
  const access = readAccess();
  if (access === 'none') return null;
  return access === 'token' ? <TokenForm onToken={onToken} /> : <SignInButton signIn={access} problem={problem} />;
};

/** Who is signed in, and the way out. */
export const SignedIn = ({ onSignOut }: { onSignOut: () => void }) => {
  const [signIn, signedIn] = [readSignIn(), session.read()];
  if (!signIn || !signedIn) return null;
  const leave = () => {
    onSignOut();
    void signOut(signIn).then((left) => !left && onSignOut());
  };
  return (
    <p class="signed-in">
      {signedIn.name}
      <button type="button" onClick={leave}>
        Sign out
      </button>
    </p>
  );
};
