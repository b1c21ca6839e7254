import { useEffect, useState } from 'preact/hooks';
import type { ToolHealth, ToolsReport } from '../lambdas/contract/reports.ts';
import { Alarms } from './alarms.tsx';
import { getLocalState, getTools, getTrends } from './reports.ts';
import { TokenForm } from './token.tsx';
import { ToolRow } from './tool-row.tsx';
import { type PollState, usePolling } from './use-polled.ts';
import { formatAgo, formatCount, hasRecovered } from './words.ts';

/** Summaries older than this many seconds are told to be stale. */
const STALE_SECONDS = 900;

const headline = (tools: ToolHealth[]): { words: string; state: string } => {
  const critical = tools.filter((tool) => tool.verdict === 'critical' && !hasRecovered(tool)).length;
  const slow = tools.filter((tool) => tool.verdict === 'warning').length;
  if (critical > 0) return { words: `${formatCount(critical, 'tool')} failing`, state: 'critical' };
  if (slow > 0) return { words: `${formatCount(slow, 'tool')} slow`, state: 'warning' };
  return { words: 'All quiet', state: 'healthy' };
};

const useNow = (): number => {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
};

const Freshness = ({ polled: { answer, problem }, now }: { polled: PollState<ToolsReport>; now: number }) => {
  if (problem)
    return (
      <p class="freshness problem">
        {problem}
        {answer && ' What follows is the last that was known.'}
      </p>
    );
  if (!answer) return <p class="freshness">Looking…</p>;
  const stale = (answer.age_seconds ?? 0) > STALE_SECONDS;
  return (
    <p class={`freshness${stale ? ' problem' : ''}`}>
      The last 24 hours, as of {formatAgo(answer.refreshed_at, now)}.
      {stale && ' That is old: the refresh may have stopped.'}
    </p>
  );
};

const Nothing = () => (
  <section class="nothing">
    <h2>No calls yet</h2>
    <p>
      Connect an MCP client to <code>{`${location.origin}/mcp`}</code> and call a tool; it shows here within seconds of
      the next refresh.
    </p>
  </section>
);

const ToolTable = ({ tools, now, seconds }: { tools: ToolHealth[]; now: number; seconds: number }) => {
  const [open, setOpen] = useState<string>();
  const trends = usePolling('trends', getTrends, seconds).answer?.trends ?? [];
  const pointsOf = (name: string) => trends.find(({ tool_name }) => tool_name === name)?.points ?? [];
  return (
    <table class="tools">
      <caption class="unseen">Tools, the worst first</caption>
      <thead>
        <tr>
          <th scope="col">Tool</th>
          <th scope="col" class="wide">
            3 hours
          </th>
          <th scope="col">Calls</th>
          <th scope="col">Failed</th>
          <th scope="col">p50 · p95</th>
          <th scope="col" class="words">
            Mostly
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
            open={open === tool.tool_name}
            onToggle={() => setOpen(open === tool.tool_name ? undefined : tool.tool_name)}
          />
        ))}
      </tbody>
    </table>
  );
};

/** The page: is anything wrong, what, why, and whose fault is it. Asks again every so many seconds. */
export const Page = ({ seconds }: { seconds: number }) => {
  const now = useNow();
  const [tokens, setTokens] = useState(0);
  const report = usePolling(`tools ${tokens}`, getTools, seconds);
  const local = usePolling('local', getLocalState, seconds);
  const tools = report.answer?.tools ?? [];
  const { words, state } = headline(tools);
  const called = tools.some(({ total_invocations }) => total_invocations > 0);
  useEffect(() => {
    document.title = report.answer ? `${words} · Toolwatch` : 'Toolwatch';
  }, [words, report.answer]);
  return (
    <main>
      <header>
        <h1>Toolwatch</h1>
        {report.answer && called && (
          <p class={`headline ${state}`} aria-live="polite">
            {words}
          </p>
        )}
        <Freshness polled={report} now={now} />
      </header>
      {report.isAccessRefused && <TokenForm onToken={() => setTokens(tokens + 1)} />}
      {local.answer && <Alarms state={local.answer} now={now} />}
      {report.answer && !called && <Nothing />}
      {tools.length > 0 && <ToolTable tools={tools} now={now} seconds={seconds} />}
    </main>
  );
};
