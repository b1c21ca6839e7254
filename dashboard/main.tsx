import { render } from 'preact';
import { Page } from './page.tsx';
import { readSignIn } from './sign-in/access.ts';
import { finishSignIn } from './sign-in/begin-and-finish.ts';

const DEFAULT_SECONDS = 30;
const LOCAL_SECONDS = 5;

/** How often the page asks for new figures: by `?refresh=5`, every five seconds. */
const refreshSeconds = (): number => {
  const requested = Number(new URLSearchParams(location.search).get('refresh'));
  if (requested >= 1 && requested <= 3_600) return requested;
  return ['localhost', '127.0.0.1'].includes(location.hostname) ? LOCAL_SECONDS : DEFAULT_SECONDS;
};

const start = async (container: HTMLElement): Promise<void> => {
  const signIn = readSignIn();
  const signInProblem = signIn && (await finishSignIn(signIn));
  render(<Page seconds={refreshSeconds()} signInProblem={signInProblem} />, container);
};

const container = document.getElementById('page');
if (container) void start(container);
