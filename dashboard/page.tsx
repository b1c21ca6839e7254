import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PageView } from '../lambdas/contract/page-address.ts';
import { PageContext } from './data/context.ts';
import { askTools } from './data/questions.ts';
import { forgetAnswers, usePolling } from './data/use-polling.ts';
import { Guard } from './parts/guard.tsx';
import { Shell } from './parts/shell.tsx';
import type { Address, ViewProps } from './router/address.ts';
import { Link } from './router/link.tsx';
import { useAddress } from './router/use-address.ts';
import { SignInPanel } from './sign-in/panel.tsx';
import { CallView } from './views/calls/call.tsx';
import { CallsView } from './views/calls/calls.tsx';
import { ChannelsView } from './views/channels/channels.tsx';
import { ErrorGroupView } from './views/errors/error-group.tsx';
import { ErrorsView } from './views/errors/errors.tsx';
import { IncidentView } from './views/incidents/incident.tsx';
import { IncidentsView } from './views/incidents/incidents.tsx';
import { MutesView } from './views/incidents/mutes.tsx';
import { KpisView } from './views/kpis/kpis.tsx';
import { NowView } from './views/now/now.tsx';
import { AdoptionView } from './views/others/adoption.tsx';
import { CostsView } from './views/others/costs.tsx';
import { DeploymentsView } from './views/others/deployments.tsx';
import { RateLimitsView } from './views/others/rate-limits.tsx';
import { RulesView } from './views/others/rules.tsx';
import { SelfCheckView } from './views/others/self-check.tsx';
import { SessionsView } from './views/others/sessions.tsx';
import { WebhooksView } from './views/others/webhooks.tsx';
import { ProvidersView } from './views/providers/providers.tsx';
import { JobView } from './views/queues/job.tsx';
import { QueuesView } from './views/queues/queues.tsx';
import { ToolView } from './views/tool/tool.tsx';

const VIEWS: Readonly<Record<PageView, (props: ViewProps) => preact.JSX.Element>> = {
  now: NowView,
  tool: ToolView,
  errors: ErrorsView,
  error: ErrorGroupView,
  calls: CallsView,
  call: CallView,
  providers: ProvidersView,
  incidents: IncidentsView,
  incident: IncidentView,
  mutes: MutesView,
  checks: SelfCheckView,
  queues: QueuesView,
  job: JobView,
  webhooks: WebhooksView,
  rules: RulesView,
  limits: RateLimitsView,
  deployments: DeploymentsView,
  sessions: SessionsView,
  kpis: KpisView,
  adoption: AdoptionView,
  costs: CostsView,
  channels: ChannelsView,
};

const NoSuchView = () => (
  <section class="empty">
    <h1>There is no such view</h1>
    <p>
      The address may be cut, or of another version. <Link to="now">See how everything is now</Link>.
    </p>
  </section>
);

/** Moves the focus to the heading of a view that was gone to, as if the browser had opened a page. */
const useFocusOnHeading = ({ view, parameters }: Address): void => {
  const place = JSON.stringify([view, parameters.id, view === 'tool' && parameters.name]);
  const before = useRef(place);
  useEffect(() => {
    if (before.current === place) return;
    before.current = place;
    const heading = document.querySelector<HTMLElement>('main h1');
    heading?.setAttribute('tabindex', '-1');
    heading?.focus({ preventScroll: true });
  }, [place]);
};

interface PageProps {
  readonly seconds: number;
  /** Why a sign-in failed just now, in a sentence. */
  readonly signInProblem: string | undefined;
}

/** The page as one reader sees it. */
const PageOf = ({ seconds, signInProblem, onReader }: PageProps & { readonly onReader: () => void }) => {
  const address = useAddress();
  const { view, parameters } = address;
  useFocusOnHeading(address);
  const tools = usePolling(askTools(), seconds);
  const context = useMemo(() => ({ seconds, tools }), [seconds, tools]);
  const isRefused = tools.isAccessRefused ?? false;
  const View = view === undefined ? NoSuchView : VIEWS[view];
  return (
    <PageContext.Provider value={context}>
      <Shell view={view} isRefused={isRefused} onSignOut={onReader}>
        {isRefused ? (
          <SignInPanel problem={signInProblem ?? tools.problem ?? ''} onToken={onReader} />
        ) : (
          <Guard key={view}>
            <View parameters={parameters} />
          </Guard>
        )}
      </Shell>
    </PageContext.Provider>
  );
};

/** The page: whether anything is wrong, what, why, and whose fault it is. Another reader begins with nothing. */
export const Page = (props: PageProps) => {
  const [reader, setReader] = useState(0);
  const begin = () => {
    forgetAnswers();
    setReader((count) => count + 1);
  };
  return <PageOf key={reader} {...props} onReader={begin} />;
};
