import { endsOf } from '../../contract/api/paging.ts';
import { MINUTE_MS } from '../../contract/durations.ts';
import {
  type ExpectedCheck,
  type ExpectedComponents,
  evaluateExpiry,
  type ProbeMetadata,
  probeMetadata,
  WARN_DAYS,
} from '../../contract/health/components.ts';
import { type Finding, HEALTH_MESSAGE_LIMIT } from '../../contract/health/status.ts';
import type { HealthComponent } from '../../contract/reports.ts';
import type { JobDepth } from '../jobs/job-depth.ts';
import type { Reader } from '../request/reader.ts';
import { evaluateProvider, findTroubledTools, NOW_MINUTES, providersIn, type RecentCalls } from './recent-calls.ts';

/** A component before it is known how long its check took. */
export type Checked = Omit<HealthComponent, 'response_time_ms'> & { domain?: string; response_time_ms?: number };

/** Summaries older than this are stale, in seconds. */
const STALE_SECONDS = 900;
/** More due jobs than this, or one that waits for longer, in seconds, are a queue that does not go on. */
const MANY_JOBS = 1_000;
const OLD_JOB_SECONDS = 600;
/** A failing tool's names that a message has room for. */
const NAMES_SHOWN = 5;

const componentOf = (
  about: Pick<Checked, 'name' | 'type'> & Partial<Checked>,
  { status, message }: Finding,
): Checked => ({ critical: false, since: null, ...about, status, message });

const SUMMARIES = { name: 'summaries', type: 'database' };
const TOOLS = { name: 'tools', type: 'tool' };

const checkSummaries = async (reader: Reader): Promise<Checked> => {
  const [row] = await reader.rows<{ age_seconds: number | null }>('health-freshness');
  const age = row?.age_seconds ?? null;
  if (age === null) return componentOf(SUMMARIES, { status: 'degraded', message: 'not refreshed yet' });
  const status = age > STALE_SECONDS ? 'degraded' : 'ok';
  return componentOf(SUMMARIES, { status, message: `refreshed ${Math.round(age)} s ago` });
};

/** The first names of a list that has more than a message has room for. */
const listNames = (names: readonly string[]): string =>
  names.length > NAMES_SHOWN ? `${names.slice(0, NAMES_SHOWN).join(', ')}, …` : names.join(', ');

/** Since when each failing tool fails, where that is known. */
const dateFailures = async (
  reader: Reader,
  failing: ReturnType<typeof findTroubledTools>['failing'],
): Promise<{ name: string; since: string | null }[]> => {
  if (failing.length === 0) return [];
  const names = failing.map(({ name }) => name);
  const known = await reader.rows<{ tool_name: string; since: string }>('health-since', [names]);
  return failing.map(({ name, firstFailureAt }) => ({
    name,
    since: known.find(({ tool_name }) => tool_name === name)?.since ?? firstFailureAt,
  }));
};

const checkTools = async (reader: Reader, recent: readonly RecentCalls[]): Promise<Checked> => {
  const { called, failing, slow } = findTroubledTools(recent);
  if (called === 0)
    return componentOf(TOOLS, { status: 'unknown', message: `no call in the last ${NOW_MINUTES} minutes` });
  const dated = await dateFailures(reader, failing);
  const failures = dated.map(({ name, since }) => (since ? `${name} since ${since}` : name));
  const [since = null] = dated.flatMap((tool) => tool.since ?? []).sort();
  const message = [
    `${failing.length} of the ${called} tools called in the last ${NOW_MINUTES} minutes fail`,
    ...(failures.length > 0 ? [`: ${listNames(failures)}`] : []),
    ...(slow.length > 0 ? [`; slower than their threshold: ${listNames(slow)}`] : []),
  ].join('');
  const status = failing.length + slow.length > 0 ? 'degraded' : 'ok';
  return componentOf({ ...TOOLS, since }, { status, message });
};

const checkCertificate = (reader: Reader, now: number): Checked[] => {
  const until = reader.certificateUntil();
  if (until === null) return [];
  const about = { name: 'database_certificate', type: 'credential' };
  return [componentOf(about, evaluateExpiry(Date.parse(until), now, WARN_DAYS))];
};

/** A row of `api-health-probes`. */
interface ProbeRow {
  name: string;
  success: boolean | null;
  duration_ms: number | null;
  error_code: string | null;
  error_type: string | null;
  metadata: unknown;
  checked_at: string;
  last_success_at: string | null;
}

type ProbeFinding = Finding & Pick<ProbeMetadata, 'domain' | 'type' | 'critical'>;

const evaluateProbe = (row: ProbeRow, now: number, minutes: number): ProbeFinding => {
  const isOld = now - Date.parse(row.checked_at) > minutes * MINUTE_MS;
  if (row.success === null || isOld) return { status: 'unknown', message: `no result since ${row.checked_at}` };
  const { status, message, ...about } = probeMetadata.safeParse(row.metadata).data ?? {};
  const outcome = row.success ? 'succeeds' : `fails (${row.error_type ?? row.error_code ?? 'no reason given'})`;
  const finding = { message: (message ?? outcome).slice(0, HEALTH_MESSAGE_LIMIT), ...about };
  // A line that reports a failure is never better than unhealthy, whatever else it says.
  if (!row.success) return { status: 'unhealthy', ...finding };
  return { status: status ?? 'ok', ...finding };
};

const componentOfProbe = (row: ProbeRow, expected: ExpectedCheck | undefined, now: number): Checked => {
  const {
    domain,
    type = 'probe',
    critical = false,
    ...finding
  } = evaluateProbe(row, now, expected?.minutes ?? NOW_MINUTES);
  const about = {
    name: row.name,
    type: expected?.type ?? type,
    critical: expected?.critical ?? critical,
    since: finding.status === 'unhealthy' ? row.last_success_at : null,
    ...(domain !== undefined && { domain }),
    ...(row.duration_ms !== null && { response_time_ms: row.duration_ms }),
  };
  return componentOf(about, finding);
};

/** These minutes until now. With both ends, because without the later one the planner expects a third of all calls. */
const windowOf = (minutes: number, now: number): [from: string, to: string] => {
  const { from, to } = endsOf({ minutes }, now);
  return [from, to];
};

/** The latest result of each check and probe: those that are expected, and any other that wrote a line lately. */
const readProbes = async (reader: Reader, expected: readonly ExpectedCheck[], now: number): Promise<Checked[]> => {
  const minutes = Math.max(NOW_MINUTES, ...expected.map((check) => check.minutes));
  const rows = await reader.rows<ProbeRow>('health-probes', windowOf(minutes, now));
  const missing = expected.filter(({ name }) => !rows.some((row) => row.name === name));
  return [
    ...rows.map((row) =>
      componentOfProbe(
        row,
        expected.find(({ name }) => name === row.name),
        now,
      ),
    ),
    ...missing.map(({ name, type, critical }) =>
      componentOf({ name, type, critical }, { status: 'unknown', message: 'no result in the last 24 hours' }),
    ),
  ];
};

const JOB_QUEUE = { name: 'job_queue', type: 'queue' };

/** The jobs that are due; nothing where there never were any. */
const checkJobs = async (reader: Reader): Promise<Checked[]> => {
  const rows = await reader.rows<JobDepth>('job-depths');
  if (rows.length === 0) return [];
  const depth = rows.reduce((sum, row) => sum + row.depth, 0);
  const oldest = Math.max(...rows.map(({ oldest_seconds }) => oldest_seconds));
  const status = depth > MANY_JOBS || oldest > OLD_JOB_SECONDS ? 'degraded' : 'ok';
  const message = `${depth} due or running, the oldest waits for ${Math.round(oldest)} s`;
  return [componentOf(JOB_QUEUE, { status, message })];
};

/** The components of whose state the store tells. No name comes twice: a check goes before a provider's calls. */
export const checkWithStore = async (
  reader: Reader,
  { providers, checks }: ExpectedComponents,
  now: number,
): Promise<Checked[]> => {
  const recent = await reader.rows<RecentCalls>('health-recent', windowOf(NOW_MINUTES, now));
  const ours = [await checkSummaries(reader), await checkTools(reader, recent), ...checkCertificate(reader, now)];
  const probes = await readProbes(reader, checks, now);
  const ofProviders = [...new Set([...providers, ...providersIn(recent)])].map((provider) =>
    componentOf({ name: provider, type: 'provider', domain: provider }, evaluateProvider(provider, recent)),
  );
  const components = [...ours, ...probes, ...(await checkJobs(reader)), ...ofProviders];
  return components.filter(({ name }, index) => components.findIndex((other) => other.name === name) === index);
};

/** The same components while the store does not answer: nothing is known of them. */
export const componentsWithoutStore = ({ providers, checks }: ExpectedComponents): Checked[] => {
  const finding: Finding = { status: 'unknown', message: 'the database does not answer' };
  return [
    componentOf(SUMMARIES, finding),
    componentOf(TOOLS, finding),
    ...checks.map(({ name, type, critical }) => componentOf({ name, type, critical }, finding)),
    ...providers
      .filter((provider) => !checks.some(({ name }) => name === provider))
      .map((provider) => componentOf({ name: provider, type: 'provider', domain: provider }, finding)),
  ];
};
