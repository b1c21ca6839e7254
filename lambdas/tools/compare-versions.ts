import * as z from 'zod';
import { MAX_ROWS, MAX_WINDOW_MINUTES } from '../contract/answer-limits.ts';
import { callsReport } from '../contract/api/calls.ts';
import { storedText, toolName } from '../contract/queries.ts';
import { type DeploymentNote, deploymentsReport } from '../contract/reports.ts';
import { defineTool } from '../observe/define-tool.ts';
import { ToolError } from '../observe/failure/tool-error.ts';
import { describeDifference, summarizeCalls, type VersionCalls } from '../telemetry/compare-calls.ts';
import { queryApi } from '../telemetry/query-api.ts';
import { tenantOf } from '../telemetry/tenant.ts';

const versionName = storedText('write the name of a version');
const figures = z.object({
  version: z.string(),
  calls: z.int(),
  failures: z.int(),
  failure_pct: z.number().nullable(),
  p50_ms: z.number().nullable(),
  p95_ms: z.number().nullable(),
  cold_starts: z.int(),
  most_common_error: z.string().nullable(),
});

/**
 * When a version was deployed first; of one whose deployment is not known, when the oldest of these calls began. NaN of
 * one of which nothing is known.
 */
const beginningOf = ({ version, calls }: VersionCalls, deployments: readonly DeploymentNote[]): number => {
  const deployed = deployments.filter((each) => each.version === version);
  const known = deployed.length > 0 ? deployed : calls;
  return known.length === 0 ? Number.NaN : Math.min(...known.map(({ started_at }) => Date.parse(started_at)));
};

export default defineTool({
  name: 'compare_versions',
  description:
    'Compare a tool before and after a deployment: failures and durations of the newest calls, at most 100 of each ' +
    'version, within a week. Use it to see whether a deployment made a tool worse.',
  input: z.object({
    tool: toolName.describe('The tool, e.g. order_status'),
    before: versionName.optional().describe('One of the two versions; by default the one deployed before the other'),
    after: versionName.optional().describe('The other one; by default the newest deployed'),
  }),
  output: z.object({
    tool: z.string(),
    /** The version whose first deployment was earlier, whichever was written as `before`. */
    before: figures,
    after: figures,
    difference: z.string(),
  }),
  readOnly: true,
  timeoutSeconds: 10,
  alarms: { p95Ms: 3_000, errorRate: 0.05 },
  asksApi: true,
}).run(async ({ tool, before, after }, { call, dependency, signal }) => {
  const asked = { correlationId: call.correlation_id, tenant: tenantOf(call), signal };
  // As many as it answers at once: the first deployment of the earlier of two versions may be long ago.
  const { deployments } = await dependency('telemetry', () =>
    queryApi({ ...asked, path: '/v1/deployments', query: { limit: MAX_ROWS }, answer: deploymentsReport }),
  );
  const names = [...new Set(deployments.map(({ version }) => version))];
  const newer = after ?? names.find((name) => name !== before);
  const older = before ?? names[newer === undefined ? -1 : names.indexOf(newer) + 1];
  if (newer === undefined || older === undefined || newer === older)
    throw new ToolError('INVALID_INPUT', 'Write two different versions as before and after.', {
      type: 'no_version',
    });
  const readCalls = async (version: string): Promise<VersionCalls> => {
    const query = { tool, version, kind: 'tool', minutes: MAX_WINDOW_MINUTES, limit: MAX_ROWS };
    const { calls } = await dependency('telemetry', () =>
      queryApi({ ...asked, path: '/v1/calls', query, chosenByCaller: ['tool', 'version'], answer: callsReport }),
    );
    return { version, calls };
  };
  const found = await Promise.all([readCalls(older), readCalls(newer)]);
  const isSwapped = beginningOf(found[0], deployments) > beginningOf(found[1], deployments);
  const [first, second] = isSwapped ? [found[1], found[0]] : found;
  const difference = describeDifference(first, second);
  return { tool, before: summarizeCalls(first), after: summarizeCalls(second), difference };
});
