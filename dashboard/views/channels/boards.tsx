import type { LocalState } from '../../data/local-state.ts';
import { More } from '../../parts/report.tsx';
import { joinKey } from '../../parts/table.tsx';
import { readAddress } from '../../router/address.ts';
import { formatCount } from '../../words/format.ts';

type Channel = NonNullable<LocalState['channels']>[number];
type Message = Channel['messages'][number];

/** How many messages of a channel are shown, and how many lines of each before a reader asks for more. */
const SHOWN_MESSAGES = 3;
const SHOWN_LINES = 3;

/** The names of kinds of channels as their vendors write them. */
const NAMES: Readonly<Record<string, string>> = {
  'slack-webhook': 'Slack, by webhook',
  'slack-bot': 'Slack, by bot',
  pagerduty: 'PagerDuty',
  teams: 'Microsoft Teams',
  jsm: 'Jira Service Management',
  discord: 'Discord',
  'google-chat': 'Google Chat',
  webhook: 'Webhook',
};

/** The tones of messages, by the colours and words that channels have for them. */
const TONES: Readonly<Record<string, string>> = {
  '#d92d20': 'critical',
  attention: 'critical',
  critical: 'critical',
  p1: 'critical',
  open: 'critical',
  '#f79009': 'warning',
  warning: 'warning',
  p3: 'warning',
  '#12b76a': 'healthy',
  good: 'healthy',
  over: 'healthy',
};

/** The tone of a message; what is closed is no longer critical. */
const toneOf = ({ colour = '', mark = '' }: Message): string =>
  /resolved|closed/.test(mark) ? 'healthy' : (TONES[colour.toLowerCase()] ?? '');

/** A link to the page leads to this one, because the address of a deployment is not on this machine. */
const hrefHere = (url: string): string => {
  const { pathname, search, searchParams } = new URL(url);
  return pathname === '/' && searchParams.has('view') && readAddress(search).view !== undefined ? search : url;
};

/** Lines, of which several may be the same. */
const Lines = ({ lines }: { lines: readonly string[] }) => (
  <>
    {lines.map((line, at) => (
      <p key={joinKey(at, line)}>{line}</p>
    ))}
  </>
);

const MessageCard = ({ message }: { message: Message }) => {
  const first = message.lines.slice(0, SHOWN_LINES);
  const rest = message.lines.slice(SHOWN_LINES);
  return (
    <article class={`message-card ${toneOf(message)}`}>
      <p class="title">
        {message.title}
        {message.mark && <span class="note"> {message.mark}</span>}
      </p>
      <Lines lines={first} />
      {rest.length > 0 && (
        <details>
          <summary class="note">{formatCount(rest.length, 'more line')}</summary>
          <Lines lines={rest} />
        </details>
      )}
      {message.buttons.length > 0 && (
        <p class="buttons">
          {message.buttons.map(({ title, url }) => (
            <a key={joinKey(title, url)} href={hrefHere(url)} rel="noreferrer">
              {title}
            </a>
          ))}
        </p>
      )}
    </article>
  );
};

/** What each channel shows, in the words that its vendor was sent. For a local run that has stand-ins for them. */
export const Boards = ({ channels }: { channels: readonly Channel[] }) => (
  <div class="boards">
    {channels.map(({ channel, messages }) => (
      <div key={channel} class="board">
        <h2>{NAMES[channel] ?? channel}</h2>
        {messages.length === 0 ? (
          <p class="note">No message yet.</p>
        ) : (
          messages
            .slice(-SHOWN_MESSAGES)
            .reverse()
            .map((message, index) => <MessageCard key={`${index} ${message.title}`} message={message} />)
        )}
        {messages.length > SHOWN_MESSAGES && (
          <More>
            These are the newest {SHOWN_MESSAGES} of {messages.length}.
          </More>
        )}
      </div>
    ))}
  </div>
);
