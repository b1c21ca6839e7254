import { useEffect, useState } from 'preact/hooks';
import type { ToolHealth, ToolsReport } from '../lambdas/contract/reports.ts';
import { Alarms } from './alarms.tsx';
import { Channels } from './channels.tsx';
import { formatAgo, formatCount, hasRecovered } from './format.ts';
import { getLocalState, getTools, getTrends } from './reports.ts';
import { readSignIn } from './sign-in/access.ts';
import { SignedIn, SignInPanel } from './sign-in/panel.tsx';
import { ToolRow } from './tool-row.tsx';
import { type PollState, usePolling } from './use-polling.ts';

/** Summaries older than this are shown as stale, in seconds. */
const STALE_SECONDS = 900;

const headlineOf = (tools: ToolHealth[]): { text: string; state: string } => {
  const failing = tools.filter((tool) => tool.verdict === 'critical' && !hasRecovered(tool)).length;
  const slow = tools.filter((tool) => tool.verdict === 'warning').length;
  if (failing > 0) return { text: `${formatCount(failing, 'tool')} failing`, state: 'critical' };
  if (slow > 0) return { text: `${formatCount(slow, 'tool')} slow`, state: 'warning' };
  return { text: 'No tool failing or slow', state: 'healthy' };
};

const useNow = (): number => {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
};

const Freshness = ({ report: { answer, problem }, now }: { report: PollState<ToolsReport>; now: number }) => {
  if (problem)
    return (
      <p class="freshness problem">
        {problem}
        {answer && ' The figures below are the last ones received.'}
      </p>
    );
  if (!answer) return <p class="freshness">Loading…</p>;
  const stale = (answer.age_seconds ?? 0) > STALE_SECONDS;
  return (
    <p class={`freshness${stale ? ' problem' : ''}`}>
      Last 24 hours, refreshed {formatAgo(answer.refreshed_at, now)}.
      {stale && ' These figures are stale: the refresh may have stopped.'}
    </p>
  );
};

const NoCalls = () => (
  <section class="empty">
    <h2>No calls yet</h2>
    <p>
      Connect an MCP client to <code>{`${location.origin}/mcp`}</code> and call a tool. The call appears here seconds
      after the next refresh.
    </p>
  </section>
);

const ToolTable = ({ tools, now, seconds }: { tools: ToolHealth[]; now: number; seconds: number }) => {
  const [openTool, setOpenTool] = useState<string>();
  const trends = usePolling('trends', getTrends, seconds).answer?.trends ?? [];
  const pointsOf = (name: string) => trends.find(({ tool_name }) => tool_name === name)?.points ?? [];
  return (
    <table class="tools">
      <caption class="visually-hidden">Tools, the worst first</caption>
      <thead>
        <tr>
          <th scope="col">Tool</th>
          <th scope="col" class="wide">
            Last 3 hours
          </th>
          <th scope="col">Calls</th>
          <th scope="col">Failed</th>
          <th scope="col">p50 · p95</th>
          <th scope="col" class="words">
            Most common error
          </th>
          <th scope="col">Last call</th>
        </tr>
      </thead>
      <tbody>
        {tools.map((tool) => (
          <ToolRow
            key={tool.tool_name}
            tool={tool}
            points={pointsOf(tool.tool_name)}
            now={now}
            seconds={seconds}
            open={openTool === tool.tool_name}
            onToggle={() => setOpenTool(openTool === tool.tool_name ? undefined : tool.tool_name)}
          />
        ))}
      </tbody>
    </table>
  );
};

interface PageProps {
  seconds: number;
  /** Why a sign-in failed just now, in a sentence. */
  signInProblem: string | undefined;
}

/** The page: whether anything is wrong, what, why, and whose fault it is. It polls every `seconds`. */
export const Page = ({ seconds, signInProblem }: PageProps) => {
  const now = useNow();
  const [readerCount, setReaderCount] = useState(0);
  const askAgain = () => setReaderCount((count) => count + 1);
  // Another reader changes the key, so that the report is asked for again immediately.
  const report = usePolling(`tools ${readerCount}`, getTools, seconds);
  const local = usePolling('local', getLocalState, seconds);
  const tools = report.answer?.tools ?? [];
  const channels = local.answer?.channels ?? [];
  const { text, state } = headlineOf(tools);
  const isRefused = report.isAccessRefused ?? false;
  const hasCalls = tools.some(({ total_invocations }) => total_invocations > 0);
  useEffect(() => {
    document.title = report.answer ? `${text} · Toolwatch` : 'Toolwatch';
  }, [text, report.answer]);
  return (
    <main>
      <header>
        <h1>Toolwatch</h1>
        {report.answer && hasCalls && (
          <p class={`headline ${state}`} aria-live="polite">
            {text}
          </p>
        )}
        {!(isRefused && readSignIn()) && <Freshness report={report} now={now} />}
        <SignedIn onSignOut={askAgain} />
      </header>
      {isRefused && <SignInPanel problem={signInProblem ?? report.problem ?? ''} onToken={askAgain} />}
      {local.answer && <Alarms state={local.answer} now={now} />}
      {channels.length > 0 && <Channels channels={channels} />}
      {report.answer && !hasCalls && <NoCalls />}
      {tools.length > 0 && <ToolTable tools={tools} now={now} seconds={seconds} />}
    </main>
  );
};
