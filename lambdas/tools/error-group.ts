import * as z from 'zod';
import { type ErrorGroup, errorGroupReport, errorGroupsReport, groupId } from '../contract/error-groups.ts';
import { toolName } from '../contract/queries.ts';
import { defineTool } from '../observe/define-tool.ts';
import { fitToLimit, messageForModel } from '../telemetry/answer-limit.ts';
import { queryApi } from '../telemetry/query-api.ts';
import { tenantOf } from '../telemetry/tenant.ts';

const { group, examples } = errorGroupReport.shape;

const shownGroup = group.pick({
  group_id: true,
  state: true,
  kind: true,
  name: true,
  error_code: true,
  error_type: true,
  error_message: true,
  fault: true,
  provider: true,
  calls: true,
  calls_24h: true,
  users: true,
  first_seen_at: true,
  last_seen_at: true,
  first_version: true,
  last_version: true,
  resolved_in_version: true,
});

const toShown = (found: ErrorGroup) => shownGroup.parse({ ...found, error_message: messageForModel(found) });

/** How many calls of a group are shown. */
const MAX_EXAMPLES = 5;

export default defineTool({
  name: 'error_group',
  description:
    'List the groups of equal failures of this server’s tools, latest first, or one group with its newest calls: since ' +
    'when, how often, for how many users, in which versions. Use it to see whether a failure is new or known.',
  input: z.object({
    group_id: groupId.optional().describe('Only this group, with its newest calls'),
    tool: toolName.optional().describe('Only groups of this tool, e.g. order_status'),
    limit: z.int().min(1).max(50).default(10).describe('Maximum number of groups'),
  }),
  output: z.object({
    groups: z.array(shownGroup),
    /** The newest calls of the one group that was asked for. */
    examples,
    /** The number of further groups, omitted because of the limit or the answer’s length. */
    omitted: z.int(),
    /** Whether there are older groups than those that were looked at. */
    more: z.boolean(),
  }),
  readOnly: true,
  timeoutSeconds: 10,
  alarms: { p95Ms: 3_000, errorRate: 0.05 },
  asksApi: true,
}).run(async ({ group_id, tool, limit }, { call, dependency, signal }) => {
  const asked = { correlationId: call.correlation_id, tenant: tenantOf(call), signal };
  if (group_id !== undefined) {
    const path = `/v1/error-groups/${encodeURIComponent(group_id)}` as const;
    const report = await dependency('telemetry', () =>
      queryApi({ ...asked, path, pathByCaller: true, answer: errorGroupReport }),
    );
    return {
      groups: [toShown(report.group)],
      examples: report.examples.slice(0, MAX_EXAMPLES),
      omitted: 0,
      more: false,
    };
  }
  const report = await dependency('telemetry', () =>
    queryApi({
      ...asked,
      path: '/v1/error-groups',
      query: { tool },
      chosenByCaller: ['tool'],
      answer: errorGroupsReport,
    }),
  );
  const { shown, omitted } = fitToLimit(report.groups.map(toShown), limit);
  return { groups: shown, examples: [], omitted, more: report.next !== null };
});
