import { FAULT_WORDS, formatAgo, formatDuration } from './format.ts';
import { getFailures, getTrend } from './reports.ts';
import { TrendChart } from './trend-chart.tsx';
import { usePolling } from './use-polling.ts';

/** A tool's last 24 hours, and its latest failures, each with the correlation id that finds it in the log. */
export const Failures = ({ tool, now, seconds }: { tool: string; now: number; seconds: number }) => {
  const { answer, problem } = usePolling(`failures/${tool}`, (signal) => getFailures(tool, signal), seconds);
  const trend = usePolling(`day/${tool}`, (signal) => getTrend(tool, signal), seconds).answer?.points ?? [];
  if (!answer) return <p class="note">{problem ?? 'Loading…'}</p>;
  if (answer.failures.length === 0) return <p class="note">No call of {tool} failed in the last 24 hours.</p>;
  return (
    <>
      <p class="note">Last 24 hours</p>
      <TrendChart points={trend} hours={24} now={now} />
      <table class="failures" aria-label={`Latest failures of ${tool}`}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Code</th>
            <th scope="col">Whose fault</th>
            <th scope="col">Message</th>
            <th scope="col">Duration</th>
            <th scope="col">Correlation id</th>
          </tr>
        </thead>
        <tbody>
          {answer.failures.map((failure) => (
            <tr key={failure.event_id}>
              <td title={failure.started_at}>{formatAgo(failure.started_at, now)}</td>
              <td>
                <code>{failure.error_code}</code>
                {failure.error_type !== null && failure.error_type !== 'tool_error' && (
                  <span class="note"> {failure.error_type}</span>
                )}
              </td>
              <td>{FAULT_WORDS[failure.fault]}</td>
              <td class="message">{failure.error_message ?? failure.error_type}</td>
              <td>{formatDuration(failure.duration_ms)}</td>
              <td>
                <code class="id">{failure.correlation_id}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
};
