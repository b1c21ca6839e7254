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

/** Places that belong together: the first is where their link leads. */
interface Group {
  readonly words: string;
  readonly places: readonly [Place, ...Place[]];
}

const alone = (place: Place): Group => ({ words: place.words, places: [place] });

const GROUPS: readonly Group[] = [
  alone({ view: 'now', words: 'Now', also: ['tool'] }),
  alone({ view: 'errors', words: 'Errors', also: ['error'] }),
  alone({ view: 'calls', words: 'Calls', also: ['call'] }),
  alone({ view: 'providers', words: 'Providers' }),
  {
    words: 'Incidents',
    places: [
      { view: 'incidents', words: 'Incidents', also: ['incident'], isForOperator: true },
      { view: 'mutes', words: 'Mutes', isForOperator: true },
      { view: 'checks', words: 'Self-check', isForOperator: true },
    ],
  },
  {
    words: 'Queues',
    places: [
      { view: 'queues', words: 'Queues', also: ['job'] },
      { view: 'webhooks', words: 'Webhooks' },
      { view: 'rules', words: 'Rules' },
      { view: 'limits', words: 'Rate limits' },
    ],
  },
  {
    words: 'Use',
    places: [
      { view: 'sessions', words: 'Sessions' },
      { view: 'kpis', words: 'KPIs' },
      { view: 'adoption', words: 'Adoption' },
      { view: 'costs', words: 'Costs' },
    ],
  },
  alone({ view: 'deployments', words: 'Deployments' }),
];
/** What there is in a local run only. */
const CHANNELS = alone({ view: 'channels', words: 'Channels' });

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
  const groups = [...GROUPS, ...(isLocal ? [CHANNELS] : [])].filter(
    ({ places: [first] }) => mayOperate || !first.isForOperator,
  );
  const isAt = (place: Place) => place.view === view || (view !== undefined && place.also?.includes(view) === true);
  const current = groups.find(({ places }) => places.some(isAt));
  return (
    <>
      <nav ref={nav} class="places" aria-label="Views">
        {groups.map((group) => (
          <Link key={group.words} to={group.places[0].view} isCurrent={group === current}>
            {group.words}
          </Link>
        ))}
      </nav>
      {current !== undefined && current.places.length > 1 && (
        <nav class="places within" aria-label={`Views of ${current.words}`}>
          {current.places.map((place) => (
            <Link key={place.view} to={place.view} isCurrent={isAt(place)}>
              {place.words}
            </Link>
          ))}
        </nav>
      )}
    </>
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
