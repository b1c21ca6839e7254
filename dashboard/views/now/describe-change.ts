import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../lambdas/contract/durations.ts';
import type { DeploymentNote } from '../../../lambdas/contract/reports.ts';

/** Whoever looks for a cause looks at deployments of so long before. */
const LOOKED_BACK_MS = DAY_MS;

const formatBefore = (ms: number): string => {
  if (ms < 2 * MINUTE_MS) return 'at that time';
  return ms < 2 * HOUR_MS ? `${Math.round(ms / MINUTE_MS)} min before` : `${Math.round(ms / HOUR_MS)} h before`;
};

/** What was deployed before something began, in a sentence. */
export const describeChangeBefore = (deployments: readonly DeploymentNote[], began: number): string => {
  const [last] = deployments
    .map(({ version, started_at }) => ({ version, ago: began - Date.parse(started_at) }))
    // The minute at hand began before what was deployed in it.
    .filter(({ ago }) => ago >= -MINUTE_MS && ago <= LOOKED_BACK_MS)
    .sort((a, b) => a.ago - b.ago);
  return last
    ? `Version ${last.version} was deployed ${formatBefore(last.ago)}`
    : 'Nothing was deployed in the day before';
};
