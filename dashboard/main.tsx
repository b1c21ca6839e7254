import { render } from 'preact';
import { Page } from './page.tsx';

const DEFAULT_SECONDS = 30;
const LOCAL_SECONDS = 5;

/** How often the page asks for new figures: by `?refresh=5`, every five seconds. */
const refreshSeconds = (): number => {
  const requested = Number(new URLSearchParams(location.search).get('refresh'));
  if (requested >= 1 && requested <= 3_600) return requested;
  return ['localhost', '127.0.0.1'].includes(location.hostname) ? LOCAL_SECONDS : DEFAULT_SECONDS;
};

const container = document.getElementById('page');
if (container) render(<Page seconds={refreshSeconds()} />, container);
