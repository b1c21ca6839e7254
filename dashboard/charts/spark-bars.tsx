import { HOUR_MS, MINUTE_MS } from '../../lambdas/contract/durations.ts';
import type { TrendPoint } from '../../lambdas/contract/reports.ts';

/** What of a trend is drawn. */
type Bars = Pick<TrendPoint, 'at' | 'minutes' | 'calls' | 'failures' | 'caller_errors'>;

/** The chart ends with the five minutes at hand. */
const STEP_MS = 5 * MINUTE_MS;
const WIDTH = 192;
const HEIGHT = 28;
/** The lowest bar, so that a single call is visible. */
const MIN_BAR_HEIGHT = 1.5;

/**
 * Calls over time: a bar's height is the number of calls, red the failed ones, amber those that are the caller's fault.
 */
export const SparkBars = ({ points, hours, now }: { points: readonly Bars[]; hours: number; now: number }) => {
  const widthOf = (ms: number) => (ms / (hours * HOUR_MS)) * WIDTH;
  const end = Math.floor(now / STEP_MS) * STEP_MS + STEP_MS;
  const maxCalls = Math.max(1, ...points.map(({ calls }) => calls));
  const total = points.reduce((sum, { calls }) => sum + calls, 0);
  const failed = points.reduce((sum, { failures }) => sum + failures, 0);
  // The square root keeps a quiet hour visible next to a busy one.
  const heightOf = (calls: number) => Math.max(MIN_BAR_HEIGHT, Math.sqrt(calls / maxCalls) * HEIGHT);
  return (
    <svg class="spark-bars" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" preserveAspectRatio="none">
      <title>{`The last ${hours} hours: ${total} calls, ${failed} failed`}</title>
      <rect class="baseline" x="0" y={HEIGHT - 1} width={WIDTH} height="1" />
      {points.map(({ at, minutes, calls, failures, caller_errors }) => {
        const x = WIDTH - widthOf(end - Date.parse(at));
        // The step at hand is not over: its bar ends with the chart.
        const width = Math.min(widthOf(minutes * MINUTE_MS), WIDTH - x) * 0.8;
        const height = heightOf(calls);
        const failedHeight = (failures / calls) * height;
        const callerHeight = (caller_errors / calls) * height;
        const bar = { x, width };
        return (
          <g key={at}>
            <rect class="bar-calls" {...bar} y={HEIGHT - height} height={height} />
            <rect class="bar-caller" {...bar} y={HEIGHT - failedHeight - callerHeight} height={callerHeight} />
            <rect class="bar-failed" {...bar} y={HEIGHT - failedHeight} height={failedHeight} />
          </g>
        );
      })}
    </svg>
  );
};
