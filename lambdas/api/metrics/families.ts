import { METRICS_ONLY } from '../../contract/vocabulary.ts';
import type { Family } from './exposition.ts';
import { counterOf, durationsOf, secondsIn, type Total } from './totals.ts';

/** The metrics of one kind of call. */
interface KindMetrics {
  /** Of the counter, without `_total`. */
  counter: string;
  durations: string;
  /** The label that holds the call's name. */
  label: string;
  /** What is counted, for the HELP text. */
  subject: string;
}

/** HTTP requests and calls of outside services have families of their own. */
const KIND_METRICS: Record<string, KindMetrics> = {
  tool: {
    counter: 'tool_executions',
    durations: 'tool_execution_duration_seconds',
    label: 'tool',
    subject: 'Calls of tools',
  },
  query: {
    counter: 'database_queries',
    durations: 'database_query_duration_seconds',
    label: 'operation',
    subject: 'Database queries',
  },
  sync: {
    counter: 'sync_operations',
    durations: 'sync_operations_duration_seconds',
    label: 'operation',
    subject: 'Synchronisations',
  },
  job: { counter: 'jobs', durations: 'job_processing_duration_seconds', label: 'job', subject: 'Jobs' },
  webhook: {
    counter: 'webhook_deliveries',
    durations: 'webhook_delivery_duration_seconds',
    label: 'webhook',
    subject: 'Deliveries to webhooks',
  },
  rule: {
    counter: 'rule_executions',
    durations: 'rule_execution_duration_seconds',
    label: 'rule',
    subject: 'Runs of rules',
  },
  probe: {
    counter: 'probe_runs',
    durations: 'probe_run_duration_seconds',
    label: 'probe',
    subject: 'Runs of checks and probes',
  },
};

const partsOf = ({ labels: [kind = '', name = '', code = '', fault = ''] }: Total) => ({ kind, name, code, fault });
const statusOf = (code: string) => (code === '' ? 'success' : 'error');

const isJobThatIsNone = (total: Total): boolean => {
  const { kind, name } = partsOf(total);
  return kind === 'job' && name === METRICS_ONLY;
};

const kindFamilies = (kind: string, metrics: KindMetrics, calls: readonly Total[], bounds: readonly number[]) => {
  const { counter, durations, label, subject } = metrics;
  const ofKind = calls.filter((total) => partsOf(total).kind === kind);
  const families = [
    counterOf(counter, `${subject}, by outcome.`, ofKind, (total) => {
      const { name, code } = partsOf(total);
      return { [label]: name, status: statusOf(code) };
    }),
    durationsOf(durations, `${subject}: how long they took, failures included.`, ofKind, bounds, (total) => ({
      [label]: partsOf(total).name,
    })),
  ];
  if (kind !== 'job') return families;
  const failed = ofKind.filter((total) => partsOf(total).code !== '');
  return [
    ...families,
    counterOf('job_failures', 'Jobs that failed.', failed, (total) => ({ job: partsOf(total).name })),
  ];
};

/** A request that is answered with 400 or more, or that failed otherwise, is an error. */
const httpFamilies = (totals: readonly Total[], bounds: readonly number[]): Family[] => {
  const requests = totals.filter(({ family }) => family === 'http');
  const routeOf = ({ labels: [method = '', path = ''] }: Total) => ({ method, path });
  const answerOf = (total: Total) => ({ ...routeOf(total), status: total.labels[2] ?? '' });
  const failed = requests.filter(({ labels }) => labels[3] === 'true');
  return [
    counterOf('http_requests', 'HTTP requests, by method, route and status.', requests, answerOf),
    counterOf('http_errors', 'HTTP requests that failed, whoever is at fault.', failed, answerOf),
    durationsOf(
      'http_request_duration_seconds',
      'HTTP requests: how long they took, failures included.',
      requests,
      bounds,
      routeOf,
    ),
  ];
};

/** Calls of outside services: those that have lines of their own, and those that other calls say they made. */
const providerFamilies = (totals: readonly Total[], calls: readonly Total[], bounds: readonly number[]): Family[] => {
  const ownLines = calls.filter((total) => partsOf(total).kind === 'dependency');
  const all = [...ownLines, ...totals.filter(({ family }) => family === 'provider')];
  const answerOf = (total: Total) => {
    if (total.family === 'provider') return { provider: total.labels[0] ?? '', status: total.labels[1] ?? '' };
    const { name, code } = partsOf(total);
    return { provider: name, status: statusOf(code) };
  };
  const providerOf = (total: Total) => ({ provider: answerOf(total).provider });
  const failed = all.filter((total) => answerOf(total).status === 'error');
  return [
    counterOf('external_api_calls', 'Calls of outside services, by outcome.', all, answerOf),
    counterOf('external_api_errors', 'Calls of outside services that failed.', failed, providerOf),
    counterOf('external_api_call_seconds', 'Time spent in calls of outside services.', all, providerOf, secondsIn),
    durationsOf(
      'external_api_call_duration_seconds',
      'Calls of outside services that have lines of their own: how long they took.',
      ownLines,
      bounds,
      providerOf,
    ),
  ];
};

/** What the store counted of calls, as metrics. */
export const callFamilies = (totals: readonly Total[], bounds: readonly number[]): Family[] => {
  const calls = totals.filter((total) => total.family === 'calls' && !isJobThatIsNone(total));
  return [
    ...Object.entries(KIND_METRICS).flatMap(([kind, metrics]) => kindFamilies(kind, metrics, calls, bounds)),
    ...httpFamilies(totals, bounds),
    ...providerFamilies(totals, calls, bounds),
    counterOf('errors', 'Failures, by code, by where they happened and by who must act.', calls, (total) => {
      const { kind, name, code, fault } = partsOf(total);
      return code === '' ? undefined : { type: code, source: `${kind}/${name}`, fault };
    }),
  ];
};
