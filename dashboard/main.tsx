import { render } from 'preact';
import { Page } from './page.tsx';

const DEFAULT_SECONDS = 30;

/** `?refresh=5` asks every five seconds. */
const asked = Number(new URLSearchParams(location.search).get('refresh'));
const local = ['localhost', '127.0.0.1'].includes(location.hostname);
const seconds = asked >= 1 && asked <= 3_600 ? asked : local ? 5 : DEFAULT_SECONDS;

const place = document.getElementById('page');
if (place) render(<Page seconds={seconds} />, place);
