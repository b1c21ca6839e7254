import * as z from 'zod';
import { MAX_ROWS } from '../answer-limits.ts';
import { HEALTH_WORDS } from '../health/status.ts';
import { listParameters, storedText, wholeNumber } from '../queries.ts';

/** Operations at outside shops and systems: every call that names a domain. */

const count = z.int().min(0);

/** Of how many of the newest operations figures are. */
export const MAX_OPERATIONS = 50_000;

const filters = {
  domain: storedText('write a domain').optional().describe('Only operations at this domain.'),
  operation: storedText('write the name of an operation').optional().describe('Only this operation.'),
  days: wholeNumber(7, 7, 'How many days to look back.'),
  limit: wholeNumber(MAX_ROWS, MAX_ROWS, 'How many operations are listed at most; figures cover all.'),
  ...listParameters,
};

/** GET /api/woocommerce/analytics */
export const shopAnalyticsQuery = z.strictObject(filters);

/** GET /v1/analytics */
export const analyticsQuery = z.strictObject({
  ...filters,
  provider: storedText('write the name of a provider').optional().describe('Only operations at this system.'),
});

const operation = z.object({
  id: z.guid(),
  operation: z.string(),
  duration_ms: count,
  success: z.boolean(),
  error_type: z.string().nullable(),
  error_message: z
    .string()
    .nullable()
    .describe('Null for a tenant where the fault is ours or the platform’s: only the operator reads those words.'),
  domain: z.string(),
  customer_config_id: z.guid().nullable(),
  user_agent: z.string().nullable(),
  created_at: z.iso.datetime(),
});
export type Operation = z.infer<typeof operation>;

export const analyticsReport = z.object({
  success: z.literal(true),
  data: z.object({
    metrics: z.array(operation).describe('The newest first.'),
    stats: z.object({
      total_operations: count,
      success_rate: z.number().nullable().describe('In percent, with one decimal; null without operations.'),
      avg_duration_ms: z.number().nullable(),
      operations_by_type: z.record(z.string(), count),
      errors_by_type: z.record(z.string(), count),
    }),
    filters: z.object({
      domain: z.string().nullable(),
      operation: z.string().nullable(),
      provider: z.string().nullable(),
      days: z.int(),
      limit: z.int(),
      since: z.iso
        .datetime()
        .describe(
          `Since when operations are counted; of many, that of the newest ${MAX_OPERATIONS.toLocaleString('en')}.`,
        ),
    }),
  }),
});
export type AnalyticsReport = z.infer<typeof analyticsReport>;

const healthWord = z.enum(HEALTH_WORDS);

/** GET /api/woocommerce/health */
export const shopHealthReport = z.object({
  success: z.literal(true),
  data: z.object({
    overall_status: healthWord.describe('The worst of its domains, `degraded` at most while one is healthy.'),
    healthy_domains: count,
    total_domains: count.describe('With operations in the last hour.'),
    health_checks: z.array(
      z.object({
        domain: z.string(),
        status: healthWord,
        message: z.string(),
        response_time_ms: count.describe('On average, of what succeeded; of all where nothing did.'),
        woocommerce_url: z.string().describe('The address of the shop.'),
      }),
    ),
  }),
});
export type ShopHealthReport = z.infer<typeof shopHealthReport>;
