import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type CallLogSettings, callLogName } from './call-log-name.ts';
import { deploymentNameOf } from './deployment-name.ts';

/** A query of Logs Insights over the log of calls. */
export interface SavedQuery {
  /** Unique among them, and in a folder of the deployment in the console. */
  readonly name: string;
  /** What it answers. */
  readonly answers: string;
  /** Its stages, which the console shows a line each. */
  readonly stages: readonly string[];
  /** What its reader writes for `{{name}}`, with what it means. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What people ask of the log: the last hours also when the store is unreachable. */
export const SAVED_QUERIES: readonly SavedQuery[] = [
  {
    name: 'Failures, newest first',
    answers: 'What failed just now, of which tool, for whom, and by whose fault?',
    stages: [
      'fields @timestamp, name, error_code, error_type, error_message, fault, provider, tenant_id, user_id, version, event_id',
      'filter kind="tool" and success=0',
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  {
    name: 'Failures by error',
    answers: 'Which errors are there, since when, and how many people do they hit?',
    stages: [
      'filter kind="tool" and success=0 and fault!="caller"',
      'stats count(*) as failures, count_distinct(user_id) as users, count_distinct(tenant_id) as tenants, min(@timestamp) as since, max(@timestamp) as until, latest(error_message) as example by name, error_type, fault, error_fingerprint',
      'sort failures desc',
      'limit 50',
    ],
  },
  {
    name: 'Failures by version',
    answers: 'Did it begin with a deployment?',
    stages: [
      'filter kind="tool"',
      'stats count(*) as calls, sum(error) as failures, avg(error) * 100 as failed_percent, min(@timestamp) as since by name, version',
      'sort name asc, since desc',
    ],
  },
  {
    name: 'Failures by provider',
    answers: 'Which outside service fails, and how?',
    stages: [
      'filter fault="dependency"',
      'stats count(*) as failures, count_distinct(name) as tools, max(@timestamp) as until, latest(error_message) as example by provider, error_type',
      'sort failures desc',
    ],
  },
  {
    name: 'Mistakes of callers',
    answers: 'Who sends what a tool cannot accept?',
    stages: [
      'filter caller_error=1',
      'stats count(*) as mistakes, latest(error_message) as example by name, error_type, tenant_id, client_name',
      'sort mistakes desc',
      'limit 50',
    ],
  },
  {
    name: 'Slowest calls',
    answers: 'Which calls took longest, and did they start a new process?',
    stages: [
      'fields @timestamp, name, duration_ms, cold_start, attempts, provider, success, tenant_id, event_id',
      'filter kind="tool"',
      'sort duration_ms desc',
      'limit 50',
    ],
  },
  {
    name: 'Durations by tool',
    answers: 'How long do the calls of each tool take?',
    stages: [
      'filter kind="tool"',
      'stats count(*) as calls, pct(duration_ms, 50) as p50_ms, pct(duration_ms, 95) as p95_ms, pct(duration_ms, 99) as p99_ms, max(duration_ms) as max_ms by name',
      'sort p95_ms desc',
    ],
  },
  {
    name: 'Calls of a tool by hour',
    answers: 'When did it change?',
    stages: [
      'filter kind="tool" and name="{{tool}}"',
      'stats count(*) as calls, sum(error) as failures, sum(caller_error) as mistakes, pct(duration_ms, 95) as p95_ms by bin(1h)',
    ],
    parameters: { tool: 'The name of a tool' },
  },
  {
    name: 'A call and what belongs to it',
    answers: 'What happened in this call, and in those that it led to?',
    stages: [
      'fields @timestamp, kind, name, success, error_type, error_message, duration_ms, attempts, parent_id, event_id, correlation_id',
      'filter event_id="{{id}}" or parent_id="{{id}}" or correlation_id="{{id}}" or trace_id="{{id}}" or session_id="{{id}}"',
      'sort @timestamp asc',
    ],
    parameters: { id: 'The id of a call, a request, a trace or a session' },
  },
  {
    name: 'Webhook deliveries that failed',
    answers: 'Which deliveries failed, and why?',
    stages: [
      'fields @timestamp, name, metadata.url, error_type, error_message, attempts, retryable, event_id',
      'filter kind="webhook" and success=0',
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  {
    name: 'Rules by how often they ran and failed',
    answers: 'Which rules run, and which of them fail?',
    stages: [
      'filter kind="rule"',
      'stats count(*) as evaluations, sum(error) as failures, max(@timestamp) as until by name, metadata.rule_type',
      'sort failures desc, evaluations desc',
    ],
  },
  {
    name: 'Rate limits by how full they are',
    answers: 'Whose limit is nearly used up?',
    stages: [
      'filter ispresent(measures.rate_limit_max)',
      'stats max(measures.rate_limit_count / measures.rate_limit_max) * 100 as used_percent, max(@timestamp) as until by metadata.rate_limit_key_type, metadata.rate_limit_key',
      'sort used_percent desc',
      'limit 50',
    ],
  },
  {
    name: 'Lines that lost something',
    answers: 'Did tools write lines that had to be cut or left out?',
    stages: [
      'filter telemetry_dropped>0',
      'stats sum(telemetry_dropped) as lost, max(@timestamp) as until by name, version',
      'sort lost desc',
    ],
  },
];

/** The queries as the console has them, ready to run on the log of calls. They cost nothing until somebody runs one. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, settings: CallLogSettings) {
    super(scope, id);
    for (const { name, stages, parameters = {} } of SAVED_QUERIES) {
      new logs.CfnQueryDefinition(this, name.replaceAll(/[^A-Za-z]+/g, '-'), {
        name: `${deploymentNameOf(settings)}/${name}`,
        logGroupNames: [callLogName(settings)],
        queryString: stages.join('\n| '),
        ...(Object.keys(parameters).length > 0 && {
          parameters: Object.entries(parameters).map(([parameter, description]) => ({ name: parameter, description })),
        }),
      });
    }
  }
}
