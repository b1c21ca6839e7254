import * as z from 'zod';
import { COMPARISONS, FIGURE_NAMES } from './alert-rules/figures.ts';
import { ERROR_CODES, FAULTS } from './vocabulary.ts';

/** What the store knows about an incident. Times are ISO 8601 in UTC. */

const count = z.int().min(0);
const time = z.iso.datetime();

/** The calls that an incident is about. */
const callFacts = z.object({
  began_at: time.describe('The minute since which calls are bad; all figures are of the calls since then.'),
  calls: count.describe("Without those that failed by their caller's fault, as alarms count."),
  bad_calls: count.describe('Those that failed; or, where slow_ms was asked for, those that took longer.'),
  peak_pct: z.number().nullable().describe('The highest share of bad calls in five minutes, in percent.'),
  last_bad_at: time.nullable(),
  as_of: time
    .nullable()
    .describe('Since when stored calls have waited to be counted that are missing here; null when none are.'),
  users: count.describe('Of the bad calls.'),
  tenants: count.describe('Of the bad calls, without those that have no tenant.'),
  tenant: z.string().nullable().describe('Of the bad calls, if all of them have this one.'),
  is_sample: z.boolean().describe('Whether there were so many bad calls that only the newest 50,000 were looked at.'),
  faults: z.array(z.object({ fault: z.enum(FAULTS), calls: count })).describe('The most frequent first.'),
  codes: z.array(z.object({ error_code: z.enum(ERROR_CODES), calls: count })).describe('The most frequent first.'),
  provider: z.object({ provider: z.string(), calls: count }).nullable().describe('By whose fault most calls failed.'),
  version: z.object({ version: z.string(), calls: count }).nullable().describe('The version of most bad calls.'),
  example: z
    .object({
      name: z.string(),
      calls: count.describe('How many bad calls are the same failure.'),
      error_code: z.enum(ERROR_CODES).nullable(),
      error_type: z.string().nullable(),
      error_message: z.string().nullable(),
      correlation_id: z.string(),
      trace_id: z.string().nullable(),
      duration_ms: z.number(),
    })
    .nullable()
    .describe('The newest call of the most frequent failure; of slow calls the slowest.'),
  p95_ms: z.number().nullable().describe('Of all calls; null unless slow_ms was asked for.'),
  last_call_at: time.nullable().describe('Within 24 hours; null unless traffic was asked for.'),
  calls_week_before: count.nullable().describe('A week earlier, in the same time; null unless traffic was asked for.'),
});
export type CallFacts = z.infer<typeof callFacts>;

/** What is known of a cause beside its calls. */
export const causeHistory = z.object({
  seen_before: count.describe('How often it was an incident in the 90 days before.'),
  last_began_at: time.nullable(),
  last_state: z.enum(['over', 'quiet']).nullable(),
  last_duration_seconds: z.number().nullable(),
  last_version_at_end: z.string().nullable().describe('What was deployed while it lasted; null when nothing was.'),
  deployed_version: z.string().nullable().describe('What was deployed last in the day before the incident.'),
  deployed_at: time.nullable(),
});
export type CauseHistory = z.infer<typeof causeHistory>;

/** The alert rule that an incident is about, and what it found last. */
const ruleFacts = z.object({
  name: z.string(),
  description: z.string().nullable(),
  figure: z.enum(FIGURE_NAMES),
  measure: z.string().nullable(),
  comparison: z.enum(COMPARISONS),
  threshold: z.number(),
  window_minutes: count.nullable().describe('Null for a figure of now.'),
  channels: z.array(z.string()).describe('The only channels that get its notices; none where all do.'),
  is_baked: z.boolean().describe('False while it is a warning at most, because it is new or was changed.'),
  value: z.number().nullable().describe('Of what is furthest beyond the threshold.'),
  calls: count.nullable(),
  held_for: count,
  error: z.string().nullable().describe('Why it could not be evaluated.'),
  findings: z
    .array(z.object({ tenant_id: z.string().nullable(), name: z.string().nullable(), value: z.number() }))
    .describe('What it holds for, at most five.'),
});
export type RuleFacts = z.infer<typeof ruleFacts>;

/** A group of failures because of which people are notified that something fails in a new way. */
const newError = z.object({
  group_id: z.string(),
  name: z.string(),
  error_code: z.enum(ERROR_CODES),
  fault: z.enum(FAULTS),
  error_type: z.string().nullable(),
  error_message: z.string().nullable(),
  state: z.enum(['new', 'regressed', 'ongoing']),
  calls: count,
  users: count,
  since: time.describe('When it was first seen, or seen again after it was resolved.'),
  correlation_id: z.string().nullable().describe('Of its newest call, as is trace_id.'),
  trace_id: z.string().nullable(),
  deployed_version: z.string().describe('What was deployed last before that.'),
  deployed_at: time,
  groups: count.describe('How many such groups there are.'),
});
export type NewError = z.infer<typeof newError>;

/** Who said last that they have seen an incident and work on it. */
export const acknowledgement = z.object({ by: z.string(), at: time, note: z.string().nullable() });
export type Acknowledgement = z.infer<typeof acknowledgement>;

/** GET /v1/incidents/facts */
export const incidentFactsReport = z.object({
  calls: callFacts.nullable().describe('Null where no kind of calls was asked for.'),
  history: causeHistory,
  new_errors: z
    .array(newError)
    .optional()
    .describe(
      'In which new ways the calls fail, the most frequent first, at most three; none where no names were asked for.',
    ),
  acknowledged: acknowledgement.nullish().describe('Who said last that they work on it; null where nobody did.'),
  rule: ruleFacts.nullish().describe('Null unless the incident is about an alert rule.'),
});
export type IncidentFacts = z.infer<typeof incidentFactsReport>;
