import { TrendChart } from './picture.tsx';
import { getFailures, getTrend } from './reports.ts';
import { usePolling } from './use-polled.ts';
import { FAULT_WORDS, formatAgo, formatDuration } from './words.ts';

/** A tool's day, and its latest failures, each with the id that finds it in the log. */
export const Failures = ({ tool, now, seconds }: { tool: string; now: number; seconds: number }) => {
  const { answer, problem } = usePolling(`failures/${tool}`, (signal) => getFailures(tool, signal), seconds);
  const day = usePolling(`day/${tool}`, (signal) => getTrend(tool, signal), seconds).answer?.points ?? [];
  if (!answer) return <p class="note">{problem ?? 'Looking…'}</p>;
  if (answer.failures.length === 0) return <p class="note">No call of {tool} has failed in the last 24 hours.</p>;
  return (
    <>
      <p class="note">The last 24 hours</p>
      <TrendChart points={day} hours={24} now={now} />
      <table class="failures" aria-label={`Latest failures of ${tool}`}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Code</th>
            <th scope="col">Up to</th>
            <th scope="col">What it said</th>
            <th scope="col">Took</th>
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
