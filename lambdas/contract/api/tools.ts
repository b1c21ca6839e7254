import * as z from 'zod';
import { listParameters } from '../queries.ts';
import { deploymentNote, freshness, toolHealth, toolSinceDeployment } from '../reports.ts';

/** One tool: what the api function is asked, and what it answers. */

const count = z.int().min(0);
const ms = z.number().min(0);

/** The ranges of a trend, in hours: an hour, a day, a week and thirty days. */
const TREND_HOURS = ['1', '24', '168', '720'] as const;

/** GET /v1/tools/{name}/trend */
export const trendQuery = z.strictObject({
  hours: z
    .enum(TREND_HOURS, `write one of ${TREND_HOURS.join(', ')}`)
    .default('24')
    .describe('How far back. Up to a day in steps of five minutes, else of an hour.'),
  ...listParameters,
});

/** How many of a tool's newest calls are looked at for who calls it. */
export const DETAIL_SAMPLE = 10_000;

const part = z.object({ calls: count, failures: count.describe("Without those that are the caller's fault.") });
const named = z.object({ name: z.string(), ...part.shape });

const mix = z.object({
  calls: count.describe('How many calls this is of.'),
  is_sample: z
    .boolean()
    .describe(`Whether there were so many that only the newest ${DETAIL_SAMPLE.toLocaleString('en')} were looked at.`),
  versions: z.array(named).describe('Versions of the deployment, those with most calls first; at most ten, as below.'),
  clients: z.array(named).describe('Clients and their versions, such as `claude-ai 1.2`.'),
  users: z.array(named),
  tenants: z.array(named),
});
export type ToolMix = z.infer<typeof mix>;

const start = z.object({
  cold_start: z.boolean(),
  ...part.shape,
  p50_ms: ms.nullable().describe('Successful calls only.'),
  p95_ms: ms.nullable(),
});

export const toolDetail = z.object({
  ...freshness,
  tool: toolHealth,
  figures: z
    .object({
      p99_ms: ms.nullable().describe('Successful calls only.'),
      avg_ms: ms.nullable(),
      min_ms: ms.nullable(),
      max_ms: ms.nullable(),
      retry_count: count,
      cost_usd: z.number().describe('What its calls say that they cost.'),
      failure_rate_low_pct: z.number().nullable().describe('The lowest rate that so few calls make plausible.'),
      failure_rate_high_pct: z.number().nullable(),
      confidence: z.enum(['low', 'high']).describe('Whether both are on the same side of the threshold.'),
    })
    .describe('More of the last 24 hours.'),
  starts: z
    .array(start)
    .describe('Calls of the last 24 hours that started an execution environment, and that did not.'),
  thresholds: z
    .object({
      error_rate: z.number().describe('The share of calls that may fail, 0 to 1.'),
      p95_ms: ms,
      min_calls: count,
      min_errors: count,
      objective: z.number().nullable().describe('The share of calls that should succeed, where the tool states one.'),
    })
    .nullable()
    .describe('What its alarms measure it against; null for a tool that is not registered.'),
  mix: mix.describe('Who called it in the last 24 hours.'),
  since_deployment: toolSinceDeployment.nullable().describe('Before and since the newest deployment.'),
  deployments: z.array(deploymentNote).describe('The newest first, at most 20.'),
});
export type ToolDetail = z.infer<typeof toolDetail>;
