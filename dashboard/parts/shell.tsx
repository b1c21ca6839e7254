import type { ComponentChildren } from 'preact';
import { useContext, useEffect, useRef } from 'preact/hooks';
import type { PageView } from '../../lambdas/contract/page-address.ts';
import { PageContext, useMayOperate, useNow } from '../data/context.ts';
import { useIsLocal } from '../data/local-state.ts';
import { Link } from '../router/link.tsx';
import { readSignIn } from '../sign-in/access.ts';
import { SignedIn } from '../sign-in/panel.tsx';
import { formatAgo, formatUtc } from '../words/format.ts';

/** Summaries older than this are shown as stale, in seconds. */
const STALE_SECONDS = 900;

interface Place {
  readonly view: PageView;
  readonly words: string;
  /** Other views that are part of it. */
  readonly also?: readonly PageView[];
  readonly isForOperator?: boolean;
}

const PLACES: readonly Place[] = [
  { view: 'now', words: 'Now', also: ['tool'] },
  { view: 'errors', words: 'Errors', also: ['error'] },
  { view: 'calls', words: 'Calls', also: ['call'] },
  { view: 'providers', words: 'Providers' },
  { view: 'incidents', words: 'Incidents', also: ['incident'], isForOperator: true },
  { view: 'mutes', words: 'Mutes', isForOperator: true },
  { view: 'checks', words: 'Self-check', isForOperator: true },
  { view: 'deployments', words: 'Deployments' },
  { view: 'sessions', words: 'Sessions' },
  { view: 'kpis', words: 'KPIs' },
  { view: 'adoption', words: 'Adoption' },
  { view: 'costs', words: 'Costs' },
  { view: 'webhooks', words: 'Webhooks' },
  { view: 'rules', words: 'Rules' },
  { view: 'limits', words: 'Rate limits' },
];
/** What there is in a local run only. */
const CHANNELS: Place = { view: 'channels', words: 'Channels' };

const Freshness = () => {
  const { answer, problem } = useContext(PageContext).tools;
  const now = useNow();
  if (problem !== undefined)
    return (
      <p class="freshness problem">
        {problem}
        {answer && ' The figures below are the last ones received.'}
      </p>
    );
  if (!answer) return <p class="freshness">Loading…</p>;
  const refreshed = answer.refreshed_at;
  const isStale = refreshed !== null && now - Date.parse(refreshed) > STALE_SECONDS * 1_000;
  return (
    <p class={`freshness${isStale ? ' problem' : ''}`} title={refreshed === null ? undefined : formatUtc(refreshed)}>
      Refreshed {formatAgo(refreshed, now)}.{isStale && ' These figures are stale: the refresh may have stopped.'}
    </p>
  );
};

const Places = ({ view }: { view: PageView | undefined }) => {
  const isLocal = useIsLocal();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the list is longer than the screen.
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
  }, [view, isLocal]);
  const mayOperate = useMayOperate();
  const places = PLACES.filter(({ isForOperator }) => mayOperate || !isForOperator);
  return (
    <nav ref={nav} class="places" aria-label="Views">
      {[...places, ...(isLocal ? [CHANNELS] : [])].map((place) => (
        <Link
          key={place.view}
          to={place.view}
          isCurrent={place.view === view || place.also?.includes(view ?? 'now') === true}
        >
          {place.words}
        </Link>
      ))}
    </nav>
  );
};

interface ShellProps {
  readonly view: PageView | undefined;
  /** True while the reader is unknown. */
  readonly isRefused: boolean;
  readonly onSignOut: () => void;
  readonly children: ComponentChildren;
}

/** What surrounds every view: where one may go, how old the figures are, and who reads them. */
export const Shell = ({ view, isRefused, onSignOut, children }: ShellProps) => (
  <>
    <header>
      <Link to="now" class="brand">
        Toolwatch
      </Link>
      {!(isRefused && readSignIn()) && <Freshness />}
      <SignedIn onSignOut={onSignOut} />
      {!isRefused && <Places view={view} />}
    </header>
    <main>{children}</main>
  </>
);

/** The name of what is shown, in the browser's tab too. */
export const useTitle = (title: string): void => {
  useEffect(() => {
    document.title = `${title} · Toolwatch`;
  }, [title]);
};
