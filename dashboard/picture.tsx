import type { TrendPoint } from '../lambdas/contract/reports.ts';

const STEP_MS = 5 * 60_000;
const DAY_MS = 24 * 3_600_000;
/** Bars in a picture: a quarter of an hour each. */
const BARS = 96;
const WIDTH = 192;
const HEIGHT = 28;

interface Bar {
  calls: number;
  failures: number;
  callerErrors: number;
}

const barsOf = (points: TrendPoint[], now: number): Bar[] => {
  const bars: Bar[] = Array.from({ length: BARS }, () => ({ calls: 0, failures: 0, callerErrors: 0 }));
  const start = Math.ceil((now + STEP_MS) / STEP_MS) * STEP_MS - DAY_MS - STEP_MS;
  for (const { at, calls, failures, caller_errors } of points) {
    const bar = bars[Math.min(BARS - 1, Math.floor(((Date.parse(at) - start) / DAY_MS) * BARS))];
    if (!bar) continue;
    bar.calls += calls;
    bar.failures += failures;
    bar.callerErrors += caller_errors;
  }
  return bars;
};

/** A day of calls: height is how many, red how many failed, amber how many the caller got wrong. */
export const Picture = ({ points, now }: { points: TrendPoint[]; now: number }) => {
  const bars = barsOf(points, now);
  const most = Math.max(1, ...bars.map(({ calls }) => calls));
  const width = WIDTH / BARS;
  const total = points.reduce((sum, { calls }) => sum + calls, 0);
  const failed = points.reduce((sum, { failures }) => sum + failures, 0);
  // A square root keeps a quiet hour visible beside a busy one.
  const scaled = (count: number) => (count === 0 ? 0 : Math.max(1.5, Math.sqrt(count / most) * HEIGHT));
  return (
    <svg class="picture" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" preserveAspectRatio="none">
      <title>{`The last 24 hours: ${total} calls, ${failed} failed`}</title>
      {bars.map(({ calls, failures, callerErrors }, at) => {
        const full = scaled(calls);
        const bad = calls === 0 ? 0 : (failures / calls) * full;
        const wrong = calls === 0 ? 0 : (callerErrors / calls) * full;
        const x = at * width;
        return (
          <g key={x}>
            <rect class="bar-fine" x={x} y={HEIGHT - full} width={width * 0.8} height={full} />
            <rect class="bar-caller" x={x} y={HEIGHT - bad - wrong} width={width * 0.8} height={wrong} />
            <rect class="bar-bad" x={x} y={HEIGHT - bad} width={width * 0.8} height={bad} />
          </g>
        );
      })}
    </svg>
  );
};
