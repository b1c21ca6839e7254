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

/** A number of pixels, as short as it is exact enough: there are thousands of them with many tools. */
const short = (pixels: number): string => String(Math.round(pixels * 100) / 100);

/** A bar as a part of a path; nothing where it has no height. */
const barPath = (x: number, bottom: number, width: number, height: number): string =>
  height === 0 ? '' : `M${short(x)} ${short(bottom)}v${short(-height)}h${short(width)}v${short(height)}z`;

interface SparkBarsProps {
  readonly points: readonly Bars[];
  readonly hours: number;
  readonly now: number;
}

/**
 * Calls over time: a bar's height is the number of calls, red the failed ones, amber those that are the caller's fault.
 * All bars of a colour are one element, because two hundred tools have as many of these charts.
 */
export const SparkBars = ({ points, hours, now }: SparkBarsProps) => {
  const widthOf = (ms: number) => (ms / (hours * HOUR_MS)) * WIDTH;
  const end = Math.floor(now / STEP_MS) * STEP_MS + STEP_MS;
  const maxCalls = Math.max(1, ...points.map(({ calls }) => calls));
  const total = points.reduce((sum, { calls }) => sum + calls, 0);
  const failed = points.reduce((sum, { failures }) => sum + failures, 0);
  // The square root keeps a quiet hour visible next to a busy one.
  const heightOf = (calls: number) => Math.max(MIN_BAR_HEIGHT, Math.sqrt(calls / maxCalls) * HEIGHT);
  const bars = points.map(({ at, minutes, calls, failures, caller_errors }) => {
    const x = WIDTH - widthOf(end - Date.parse(at));
    // The step at hand is not over: its bar ends with the chart.
    const width = Math.min(widthOf(minutes * MINUTE_MS), WIDTH - x) * 0.8;
    const height = heightOf(calls);
    const failedHeight = (failures / calls) * height;
    return {
      calls: barPath(x, HEIGHT, width, height),
      caller: barPath(x, HEIGHT - failedHeight, width, (caller_errors / calls) * height),
      failed: barPath(x, HEIGHT, width, failedHeight),
    };
  });
  return (
    <svg class="spark-bars" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" preserveAspectRatio="none">
      <title>{`The last ${hours} hours: ${total} calls, ${failed} failed`}</title>
      <rect class="baseline" x="0" y={HEIGHT - 1} width={WIDTH} height="1" />
      <path class="bar-calls" d={bars.map(({ calls }) => calls).join('')} />
      <path class="bar-caller" d={bars.map(({ caller }) => caller).join('')} />
      <path class="bar-failed" d={bars.map((bar) => bar.failed).join('')} />
    </svg>
  );
};
