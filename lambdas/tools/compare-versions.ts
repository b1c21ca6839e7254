import * as z from 'zod';
import { callsReport } from '../contract/api/calls.ts';
import { storedText, toolName } from '../contract/queries.ts';
import { deploymentsReport } from '../contract/reports.ts';
import { defineTool } from '../observe/define-tool.ts';
import { ToolError } from '../observe/failure/tool-error.ts';
import { describeDifference, summarizeCalls } from '../telemetry/compare-calls.ts';
import { queryApi } from '../telemetry/query-api.ts';
import { tenantOf } from '../telemetry/tenant.ts';

/** How many of the newest calls of a version are compared: the most that the api answers at once. */
const COMPARED = 100;
const WEEK_MINUTES = 7 * 24 * 60;

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

export default defineTool({
  name: 'compare_versions',
  description:
    'Compare a tool before and after a deployment: failures and durations of the newest calls, at most 100 of each ' +
    'version, within a week. Use it to see whether a deployment made a tool worse.',
  input: z.object({
    tool: toolName.describe('The tool, e.g. order_status'),
    before: versionName.optional().describe('The earlier version; by default the one before the newest'),
    after: versionName.optional().describe('The later version; by default the newest deployed'),
  }),
  output: z.object({ tool: z.string(), before: figures, after: figures, difference: z.string() }),
  readOnly: true,
  timeoutSeconds: 10,
  alarms: { p95Ms: 3_000, errorRate: 0.05 },
  asksApi: true,
}).run(async ({ tool, before, after }, { call, dependency, signal }) => {
  const asked = { correlationId: call.correlation_id, tenant: tenantOf(call), signal };
  const findVersions = async (): Promise<[string, string]> => {
    if (before !== undefined && after !== undefined) return [before, after];
    const { deployments } = await dependency('telemetry', () =>
      queryApi({ ...asked, path: '/v1/deployments', answer: deploymentsReport }),
    );
    const names = [...new Set(deployments.map(({ version }) => version))];
    const later = after ?? names.find((name) => name !== before);
    const earlier = before ?? names[later === undefined ? -1 : names.indexOf(later) + 1];
    if (later === undefined || earlier === undefined)
      throw new ToolError('INVALID_INPUT', 'No two versions are known. Write before and after.', {
        type: 'no_version',
      });
    return [earlier, later];
  };
  const summarize = async (version: string) => {
    const query = { tool, version, kind: 'tool', minutes: WEEK_MINUTES, limit: COMPARED };
    const { calls } = await dependency('telemetry', () =>
      queryApi({ ...asked, path: '/v1/calls', query, chosenByCaller: ['tool', 'version'], answer: callsReport }),
    );
    return summarizeCalls(version, calls);
  };
  const [earlier, later] = await findVersions();
  const [first, second] = [await summarize(earlier), await summarize(later)];
  return { tool, before: first, after: second, difference: describeDifference(first, second) };
});
