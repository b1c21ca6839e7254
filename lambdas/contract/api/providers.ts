import * as z from 'zod';
import { MAX_PROVIDER_PARTS, MAX_PROVIDERS } from '../answer-limits.ts';
import { listParameters, storedText } from '../queries.ts';
import { checkWindow, windowParameters } from './paging.ts';

/** Outside services, by the calls that depend on them. As fresh as ingest. */

const count = z.int().min(0);
const time = z.iso.datetime();

/** Of how many of the newest calls, with a provider or without, figures are. */
export const CALLS_OF_PROVIDERS = 20_000;

/** GET /v1/providers */
export const providersQuery = z
  .strictObject({
    provider: storedText('write the name of a provider').optional().describe('Only this outside service.'),
    ...windowParameters(60),
    ...listParameters,
  })
  .superRefine(checkWindow);

const p95 = z.number().min(0).nullable().describe('Successful calls only; null without one.');

const failures = z
  .object({ caller: count, dependency: count, ours: count, platform: count })
  .describe('Failed calls by whose fault it was; `dependency` are those of the provider.');

const provider = z.object({
  provider: z.string(),
  calls: count.describe('Calls that depend on it; /v1/calls lists them by `provider` with the kind `all`.'),
  failures,
  p95_ms: p95,
  last_failure_at: time.nullable().describe('When the newest call began that failed by its fault.'),
  domains: z
    .array(z.object({ domain: z.string(), calls: count, failures, p95_ms: p95 }))
    .describe(`The domains that its calls name, those with most calls first, at most ${MAX_PROVIDER_PARTS}.`),
  tools: z
    .array(z.object({ tool_name: z.string(), calls: count, failures: count }))
    .describe(
      `The tools that use it, those with most calls first, at most ${MAX_PROVIDER_PARTS}; failures by its fault only.`,
    ),
  tool_count: count.describe('How many tools use it.'),
  before: z
    .object({ calls: count, failures: count.describe('By its fault only.'), p95_ms: p95 })
    .nullable()
    .describe(
      'The same of the time before the window, which is as long; null where one of the two has more calls than are ' +
        `counted, ${CALLS_OF_PROVIDERS.toLocaleString('en')}.`,
    ),
});
export type Provider = z.infer<typeof provider>;

export const providersReport = z.object({
  providers: z.array(provider).describe(`Those with most calls first, at most ${MAX_PROVIDERS}.`),
  since: time.describe(
    `Since when calls are counted: of more than ${CALLS_OF_PROVIDERS.toLocaleString('en')} calls, with a provider or ` +
      'without, when the oldest of the newest of them began.',
  ),
});
export type ProvidersReport = z.infer<typeof providersReport>;
