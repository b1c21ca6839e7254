import type { TrendPoint } from '../lambdas/contract/reports.ts';

const STEP_MS = 5 * 60_000;
const WIDTH = 192;
const HEIGHT = 28;

/** Calls by time: height is how many, red how many failed, amber how many the caller got wrong. */
export const TrendChart = ({ points, hours, now }: { points: TrendPoint[]; hours: number; now: number }) => {
  const steps = (hours * 3_600_000) / STEP_MS;
  const width = WIDTH / steps;
  const end = Math.floor(now / STEP_MS) * STEP_MS + STEP_MS;
  const most = Math.max(1, ...points.map(({ calls }) => calls));
  const total = points.reduce((sum, { calls }) => sum + calls, 0);
  const failed = points.reduce((sum, { failures }) => sum + failures, 0);
  // A square root keeps a quiet hour visible beside a busy one.
  const scaled = (calls: number) => Math.max(1.5, Math.sqrt(calls / most) * HEIGHT);
  return (
    <svg class="picture" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" preserveAspectRatio="none">
      <title>{`The last ${hours} hours: ${total} calls, ${failed} failed`}</title>
      <rect class="bar-ground" x="0" y={HEIGHT - 1} width={WIDTH} height="1" />
      {points.map(({ at, calls, failures, caller_errors }) => {
        const x = WIDTH - ((end - Date.parse(at)) / STEP_MS) * width;
        const full = scaled(calls);
        const bad = (failures / calls) * full;
        const wrong = (caller_errors / calls) * full;
        const bar = { x, width: width * 0.8 };
        return (
          <g key={at}>
            <rect class="bar-fine" {...bar} y={HEIGHT - full} height={full} />
            <rect class="bar-caller" {...bar} y={HEIGHT - bad - wrong} height={wrong} />
            <rect class="bar-bad" {...bar} y={HEIGHT - bad} height={bad} />
          </g>
        );
      })}
    </svg>
  );
};
