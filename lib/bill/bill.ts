import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EMITTED, type EmittedMetric } from '../../lambdas/contract/emitted-metrics.ts';
import { CALL_METRICS, FINDING_METRICS, RULE_METRICS, VERDICT_METRICS } from '../../lambdas/contract/metrics.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { requestLinesOf } from '../settings/request-settings.ts';
import { InvalidSettings, type Settings } from '../settings.ts';
import prices from './prices.json' with { type: 'json' };

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}
/** A synthesized deployment. */
export interface Deployed {
  readonly settings: Settings;
  readonly tools: number;
  /** Every resource of every stack, nested ones included. */
  readonly resources: readonly Resource[];
}

/** One line of the bill. */
export interface BillLine {
  readonly item: string;
  /** What the amount is computed from, in words. */
  readonly basis: string;
  /** US dollars a month. */
  readonly dollars: number;
}

/** The metrics of names that something is wrong with, and of no others. */
const WRITTEN_WHEN_WRONG: readonly string[] = [
  ...Object.values(VERDICT_METRICS),
  ...Object.values(RULE_METRICS),
  ...Object.values(FINDING_METRICS),
];

/** The line of one call in the log, in bytes: measured, with what the log service adds to each event. */
const LINE_BYTES = 1_020;
/** How much longer it is when its tool depends on a provider. */
const PROVIDER_BYTES = 140;
/** The line of a request that calls no tool, measured likewise. */
const REQUEST_LINE_BYTES = 870;
/** The line of one request in the front door's access log, measured likewise. */
const ACCESS_LINE_BYTES = 330;
/**
 * How long the gateway works on a call, beside waiting for its tool, in seconds at 256 MiB: three milliseconds of a
 * whole processor (`npm run bench -- gateway`), of which it has a seventh at that size.
 */
const GATEWAY_SECONDS = 0.02;
const GATEWAY_MIB = 256;
/** The memory that comes with one whole processor; below it, the share of a processor is proportional to memory. */
const PROCESSOR_MIB = 1_769;
/** How long ingest works on a batch. */
const INGEST_SECONDS = 0.06;
const REFRESH_SECONDS = 0.4;
/** Completeness queries twice; the drill waits until CloudWatch has metrics of the deliveries. */
const COMPLETENESS_SECONDS = 1;
/** The self-check reads alarms, their histories, subscriptions and metrics. */
const SELF_CHECK_SECONDS = 3;
const DRILL_SECONDS = 300;
/** The report waits for the api and for operate, one after the other. */
const REPORT_SECONDS = 5;
const PAYLOADS_SECONDS = 0.2;
/** The checks wait for the slowest of them. */
const CHECKS_SECONDS = 1;
const MINUTES_A_MONTH = 43_800;
const HOURS_A_MONTH = 730;
const DAYS_A_MONTH = 365 / 12;
const WEEKS_A_MONTH = 52 / 12;
/** Calls that end within this time reach ingest in one batch: the log service hands on immediately what it has. */
const BATCH_SECONDS = 0.05;
const MIB_A_GIB = 1_024;

/** How often the checks run in a month. */
const checkRunsIn = ({ settings }: Deployed): number =>
  settings.checks.length > 0 ? MINUTES_A_MONTH / settings.checkMinutes : 0;

const ofType = ({ resources }: Deployed, type: string) => resources.filter(({ Type }) => Type === type);

const lambdaDollars = (runs: number, seconds: number, memoryMib: number): number =>
  runs * (seconds * (memoryMib / MIB_A_GIB) * prices.lambda.gbSecond + prices.lambda.millionRequests / 1e6);

const memoryOf = (resource: Resource | undefined): number => Number(resource?.Properties?.MemorySize ?? 128);
const functionNamed = (deployed: Deployed, name: string): Resource | undefined =>
  ofType(deployed, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties?.FunctionName === `${deploymentNameOf(deployed.settings)}-${name}`,
  );

/**
 * How many metrics an alarm is billed for: each one it reads, and for a Metrics Insights query each series, one per
 * tool.
 */
const billedMetricsOf = ({ Properties }: Resource, tools: number): number => {
  const queries = (Properties?.Metrics ?? []) as { MetricStat?: object; Expression?: string }[];
  if (queries.length === 0) return 1;
  return queries.reduce((sum, { MetricStat, Expression }) => {
    if (MetricStat) return sum + 1;
    if (!/^\s*SELECT\b/i.test(Expression ?? '')) return sum;
    // Of what is written when something is wrong, one name is assumed.
    return sum + (WRITTEN_WHEN_WRONG.some((name) => Expression?.includes(`(${name})`)) ? 1 : tools);
  }, 0);
};

const callsLine = (deployed: Deployed): BillLine => {
  const { callsPerMonth, toolMs } = deployed.settings.traffic;
  const toolMemory = ofType(deployed, 'AWS::Lambda::Function')
    .filter(({ Properties }) =>
      String(Properties?.FunctionName).startsWith(`${deploymentNameOf(deployed.settings)}-tool-`),
    )
    .map(memoryOf);
  const meanToolMemory = toolMemory.reduce((sum, memory) => sum + memory, 0) / Math.max(1, toolMemory.length);
  const toolSeconds = toolMs / 1_000;
  const memory = memoryOf(functionNamed(deployed, 'gateway'));
  // The gateway is billed while it waits for its tool.
  const gatewaySeconds = (GATEWAY_SECONDS * GATEWAY_MIB) / Math.min(memory, PROCESSOR_MIB) + toolSeconds;
  return {
    item: 'gateway and tools',
    basis: `${callsPerMonth.toLocaleString('en')} calls of ${toolMs} ms`,
    dollars:
      lambdaDollars(callsPerMonth, gatewaySeconds, memory) + lambdaDollars(callsPerMonth, toolSeconds, meanToolMemory),
  };
};

const httpApiLine = (deployed: Deployed): BillLine => {
  const { callsPerMonth, otherRequestsPerMonth } = deployed.settings.traffic;
  const requests = ofType(deployed, 'AWS::ApiGatewayV2::Api').length * (callsPerMonth + otherRequestsPerMonth);
  return {
    item: 'HTTP API',
    basis: `one request per call and all others, each with ${ACCESS_LINE_BYTES} bytes of access log`,
    dollars:
      (requests * prices.httpApi.millionRequests) / 1e6 + ((requests * ACCESS_LINE_BYTES) / 1e9) * prices.logs.gb,
  };
};

/** People who sign in at the stack's own issuer, and machines: each has a token a day. */
const signInLine = (deployed: Deployed): BillLine => {
  const people = ofType(deployed, 'AWS::Cognito::UserPool').length * deployed.settings.traffic.peopleSigningIn;
  const machines = ofType(deployed, 'AWS::Cognito::UserPoolClient').filter(({ Properties }) =>
    Boolean(Properties?.GenerateSecret),
  ).length;
  return {
    item: 'sign-in',
    basis: `${people} people, ${machines} machines with a token a day`,
    dollars:
      people * prices.cognito.person +
      machines * (prices.cognito.machine + (DAYS_A_MONTH * prices.cognito.thousandMachineTokens) / 1_000),
  };
};

/** How many providers have a metric: each has a warning of its own. */
const providersIn = (deployed: Deployed): number =>
  ofType(deployed, 'AWS::CloudWatch::Alarm').filter(({ Properties }) =>
    /(^|\/)provider\/[^/]+\/failing$/.test(String(Properties?.AlarmName)),
  ).length;

/** How many requests that call no tool have a line; those that are refused are too few to count. */
const requestLinesIn = ({ settings }: Deployed): number =>
  requestLinesOf(settings) === 'all' ? settings.traffic.otherRequestsPerMonth : 0;

const logsLine = (deployed: Deployed): BillLine => {
  const { settings } = deployed;
  const bytes = LINE_BYTES + (providersIn(deployed) > 0 ? PROVIDER_BYTES : 0);
  const requests = requestLinesIn(deployed);
  const gb =
    (settings.traffic.callsPerMonth * bytes +
      requests * REQUEST_LINE_BYTES +
      checkRunsIn(deployed) * settings.checks.length * LINE_BYTES) /
    1e9;
  const stored = gb * (settings.logRetentionDays / 30) * prices.logs.storedShare;
  return {
    item: 'log lines',
    basis:
      `${bytes} bytes per call` +
      `${requests > 0 ? `, ${REQUEST_LINE_BYTES} per other request` : ''}, stored ${settings.logRetentionDays} days`,
    dollars: gb * prices.logs.gb + stored * prices.logs.storedGbMonth,
  };
};

/** A metric is billed for the hours in which it is written. Those of calls are assumed to be written in every hour. */
const metricsLine = (deployed: Deployed): BillLine => {
  const { tools, settings } = deployed;
  const providers = providersIn(deployed);
  const perTool = Object.keys(CALL_METRICS).length + (settings.alarms.callerFaultShift ? 1 : 0);
  const ofPipeline = Object.values<EmittedMetric>(EMITTED.pipeline).filter(
    ({ onlyWith }) => onlyWith === undefined || (onlyWith === 'jobs' && settings.jobs !== false),
  );
  const months = ofPipeline.reduce((sum, { hoursPerMonth }) => sum + hoursPerMonth / HOURS_A_MONTH, 0);
  const constant = ofPipeline.filter(({ hoursPerMonth }) => hoursPerMonth === HOURS_A_MONTH).length;
  const ofHooks = Object.keys(EMITTED.hooks).length * settings.hooks.length;
  return {
    item: 'metrics',
    basis:
      `${perTool} for each of ${tools} tools` +
      `${settings.checks.length > 0 ? ` and ${settings.checks.length} checks` : ''}, ${providers} of providers` +
      `${ofHooks > 0 ? `, ${ofHooks} of hooks` : ''}; ` +
      `of the pipeline ${constant}, and ${ofPipeline.length - constant} occasionally`,
    dollars: (perTool * (tools + settings.checks.length) + providers + ofHooks + months) * prices.cloudwatch.metric,
  };
};

const alarmsLine = (deployed: Deployed): BillLine => {
  const metricAlarms = ofType(deployed, 'AWS::CloudWatch::Alarm');
  const composite = ofType(deployed, 'AWS::CloudWatch::CompositeAlarm').length;
  const read = metricAlarms.reduce((sum, alarm) => sum + billedMetricsOf(alarm, deployed.tools), 0);
  return {
    item: 'alarms',
    basis: `${metricAlarms.length} that read ${read} metrics, ${composite} composite`,
    dollars: read * prices.cloudwatch.alarmMetric + composite * prices.cloudwatch.compositeAlarm,
  };
};

const dashboardLine = (deployed: Deployed): BillLine => {
  const count = ofType(deployed, 'AWS::CloudWatch::Dashboard').length;
  return { item: 'dashboard', basis: `${count}`, dollars: count * prices.cloudwatch.dashboard };
};

/** Completeness reads two metrics of each tool every hour: Lambda's invocations and the lines' calls. */
const METRICS_READ_PER_TOOL = 2;
/** A check of a queue reads its depth and the age of its oldest message. */
const METRICS_READ_PER_QUEUE = 2;

const metricsReadLine = (deployed: Deployed): BillLine => {
  const byCompleteness = functionNamed(deployed, 'completeness')
    ? METRICS_READ_PER_TOOL * deployed.tools * HOURS_A_MONTH
    : 0;
  const queues = deployed.settings.checks.filter(({ kind }) => kind === 'queue').length;
  // The self-check reads how often each function was started.
  const schedules = ofType(deployed, 'AWS::Scheduler::Schedule').length;
  const bySelfCheck = functionNamed(deployed, 'self-check') ? schedules * HOURS_A_MONTH : 0;
  const read = byCompleteness + bySelfCheck + METRICS_READ_PER_QUEUE * queues * checkRunsIn(deployed);
  return {
    item: 'metrics read',
    basis:
      `${METRICS_READ_PER_TOOL} of each tool, every hour, to check that calls arrive, and one of each of ` +
      `${schedules} schedules` +
      `${queues > 0 ? `; ${METRICS_READ_PER_QUEUE} of each of ${queues} queues at each check` : ''}`,
    dollars: (read / 1_000) * prices.cloudwatch.thousandMetricsRead,
  };
};

/** In how many payloads the lines of a month are handed on, and how many lines are in each. */
const payloadsIn = (deployed: Deployed): { payloads: number; linesEach: number } => {
  const lines = deployed.settings.traffic.callsPerMonth + requestLinesIn(deployed);
  const linesPerSecond = lines / (MINUTES_A_MONTH * 60);
  const linesEach = Math.max(1, linesPerSecond * BATCH_SECONDS);
  return { payloads: lines / linesEach, linesEach };
};

const pipelineLine = (deployed: Deployed): BillLine => {
  const { refreshMinutes } = deployed.settings;
  const { payloads, linesEach } = payloadsIn(deployed);
  return {
    item: 'ingest and refresh',
    basis:
      `batches of ${+linesEach.toFixed(1)} lines, ` +
      `a refresh every ${refreshMinutes} min, other scheduled functions`,
    dollars:
      lambdaDollars(payloads, INGEST_SECONDS, memoryOf(functionNamed(deployed, 'ingest'))) +
      scheduledDollars(deployed, 'refresh', MINUTES_A_MONTH / refreshMinutes, REFRESH_SECONDS) +
      scheduledDollars(deployed, 'payloads', HOURS_A_MONTH, PAYLOADS_SECONDS) +
      scheduledDollars(deployed, 'completeness', HOURS_A_MONTH, COMPLETENESS_SECONDS) +
      scheduledDollars(deployed, 'self-check', HOURS_A_MONTH, SELF_CHECK_SECONDS) +
      scheduledDollars(deployed, 'drill', WEEKS_A_MONTH, DRILL_SECONDS) +
      scheduledDollars(deployed, 'report', WEEKS_A_MONTH, REPORT_SECONDS) +
      scheduledDollars(deployed, 'checks', checkRunsIn(deployed), CHECKS_SECONDS),
  };
};

/** It waits for the receiver of spans, once for each payload. */
const SPANS_SECONDS = 0.2;

const spansLine = (deployed: Deployed): BillLine => {
  const spans = functionNamed(deployed, 'spans');
  return {
    item: 'spans',
    basis: `a request for each batch of lines, of ${SPANS_SECONDS * 1_000} ms`,
    dollars: spans ? lambdaDollars(payloadsIn(deployed).payloads, SPANS_SECONDS, memoryOf(spans)) : 0,
  };
};

/** What a scheduled function costs, if there is one of that name. */
const scheduledDollars = (deployed: Deployed, name: string, starts: number, seconds: number): number => {
  const scheduled = functionNamed(deployed, name);
  if (!scheduled) return 0;
  return lambdaDollars(starts, seconds, memoryOf(scheduled)) + (starts / 1e6) * prices.scheduler.millionStarts;
};

/** How long a start of the archive works when nothing is to be done, and on a thousand calls: npm run bench -- archive */
const ARCHIVE_SECONDS = 2;
const ARCHIVE_SECONDS_A_THOUSAND = 0.25;
/** Of a call in a file, which is compressed by columns. */
const ARCHIVED_BYTES = 115;
const ARCHIVE_STARTS_A_DAY = 3;

/** What a year of files takes, and writing those of a month. */
const archiveLine = (deployed: Deployed): BillLine => {
  const { callsPerMonth } = deployed.settings.traffic;
  const archive = functionNamed(deployed, 'archive');
  const gb = archive ? (12 * callsPerMonth * ARCHIVED_BYTES) / 1e9 : 0;
  const writing = (callsPerMonth / 1_000) * ARCHIVE_SECONDS_A_THOUSAND;
  return {
    item: 'archive',
    basis: `a year of calls at ${ARCHIVED_BYTES} bytes, and ${ARCHIVE_STARTS_A_DAY} starts a day`,
    dollars:
      scheduledDollars(deployed, 'archive', ARCHIVE_STARTS_A_DAY * DAYS_A_MONTH, ARCHIVE_SECONDS) +
      (archive ? (writing * memoryOf(archive) * prices.lambda.gbSecond) / MIB_A_GIB : 0) +
      gb * prices.s3.storedGbMonth,
  };
};

/** What the notifier's state takes without many open incidents, in DynamoDB's units of a kilobyte written. */
const STATE_WRITES = 1;
/** That of incidents and that of the last deployment, read consistently: in units of four kilobytes. */
const STATE_READS = 2;
const NOTIFIER_SECONDS = 0.1;
/** That of alarms and events, and that of custom notices. */
const NOTIFIER_QUEUES = 2;
/** Lambda asks a queue without messages with five connections, each of which waits for twenty seconds. */
const QUEUE_REQUESTS_A_MINUTE = 15;

/** The notifier while nothing happens: what incidents and their messages cost depends on people. */
const notifierLine = (deployed: Deployed): BillLine => {
  const runs = functionNamed(deployed, 'notify') ? MINUTES_A_MONTH : 0;
  return {
    item: 'notifier',
    basis: 'a run every minute, which reads and writes its state; its two queues',
    dollars:
      scheduledDollars(deployed, 'notify', runs, NOTIFIER_SECONDS) +
      (runs / 1e6) *
        (STATE_WRITES * prices.dynamoDb.millionWrites +
          STATE_READS * prices.dynamoDb.millionReads +
          NOTIFIER_QUEUES * QUEUE_REQUESTS_A_MINUTE * prices.sqs.millionRequests),
  };
};

/** Channels while nothing happens: their queues are asked for messages. */
const channelsLine = (deployed: Deployed): BillLine => {
  const { length } = deployed.settings.alerts.channels;
  const channels = functionNamed(deployed, 'deliver') ? length : 0;
  return {
    item: 'channels',
    basis: `${channels}, each with a queue`,
    dollars: ((channels * MINUTES_A_MONTH * QUEUE_REQUESTS_A_MINUTE) / 1e6) * prices.sqs.millionRequests,
  };
};

/** RDS Proxy is billed for the database's processors, at least two; instances up to `large` have two. */
const PROXY_VCPUS = 2;

/** Idle, which is the minimum: how far it scales up depends on queries, not on calls. */
const auroraLine = ({ settings, resources }: Deployed): BillLine => {
  const instances = resources.filter(({ Properties }) => Properties?.DBInstanceClass === 'db.serverless').length;
  const { minCapacity, maxCapacity } = settings.database;
  return {
    item: 'database',
    basis: `Aurora at its minimum, ${minCapacity} of up to ${maxCapacity} capacity units, ${instances} instance(s)`,
    dollars: instances * minCapacity * HOURS_A_MONTH * prices.rds.auroraCapacityHour,
  };
};

const proxyLine = (deployed: Deployed): BillLine => {
  const count = ofType(deployed, 'AWS::RDS::DBProxy').length;
  return {
    item: 'database proxy',
    basis: `${PROXY_VCPUS} processors`,
    dollars: count * PROXY_VCPUS * HOURS_A_MONTH * prices.rds.proxyVcpuHour,
  };
};

const databaseLine = (deployed: Deployed): BillLine => {
  if (deployed.settings.database.kind === 'aurora') return auroraLine(deployed);
  const [instance] = ofType(deployed, 'AWS::RDS::DBInstance');
  const { DBInstanceClass = '', AllocatedStorage = 0, MultiAZ = false } = instance?.Properties ?? {};
  const price = (prices.rds.instance as Record<string, number>)[String(DBInstanceClass)];
  const each = (price ?? 0) + Number(AllocatedStorage) * prices.rds.storedGbMonth;
  return {
    item: 'database',
    basis: [
      price === undefined ? `${DBInstanceClass}, whose price is missing in lib/bill/prices.json` : `${DBInstanceClass}`,
      `${AllocatedStorage} GB`,
      ...(MultiAZ ? ['in two zones'] : []),
    ].join(', '),
    dollars: MultiAZ ? each * 2 : each,
  };
};

const keysLine = (deployed: Deployed): BillLine => {
  const count = ofType(deployed, 'AWS::KMS::Key').length;
  return { item: 'keys', basis: `${count}`, dollars: count * prices.kms.key };
};

const secretsLine = (deployed: Deployed): BillLine => {
  const count = ofType(deployed, 'AWS::SecretsManager::Secret').length;
  return { item: 'secrets', basis: `${count}`, dollars: count * prices.secretsManager.secret };
};

const LINES = [
  callsLine,
  httpApiLine,
  signInLine,
  logsLine,
  metricsLine,
  alarmsLine,
  metricsReadLine,
  dashboardLine,
  pipelineLine,
  archiveLine,
  spansLine,
  notifierLine,
  channelsLine,
  databaseLine,
  proxyLine,
  keysLine,
  secretsLine,
];

/** What a month costs at the traffic that the settings state, by the prices in lib/bill/prices.json. */
export const estimateBill = (deployed: Deployed): BillLine[] =>
  LINES.map((line) => line(deployed)).filter(({ dollars }) => dollars > 0);

/** US dollars a month. */
export const totalBill = (bill: readonly BillLine[]): number => bill.reduce((sum, { dollars }) => sum + dollars, 0);

/** Every resource in the templates of a synthesized app, nested stacks included. */
export const readResources = (assembly: string): Resource[] =>
  readdirSync(assembly)
    .filter((file) => file.endsWith('.template.json'))
    .flatMap((file) => Object.values<Resource>(JSON.parse(readFileSync(join(assembly, file), 'utf8')).Resources ?? {}));

/** Throws `InvalidSettings` when the bill is over the budget of the settings. */
export const checkBudget = (bill: readonly BillLine[], { budget }: Settings): void => {
  const total = totalBill(bill);
  if (budget === undefined || total <= budget) return;
  throw new InvalidSettings(
    `Setting budget: at the traffic of the settings this deployment costs about ${total.toFixed(2)} dollars a month, ` +
      `and the budget is ${budget}; write a higher budget, or reduce what is deployed.`,
  );
};

const formatDollars = (dollars: number): string => dollars.toFixed(2).padStart(9);

/** The bill as a text table. */
export const formatBill = (bill: readonly BillLine[]): string => {
  const width = Math.max(...bill.map(({ item: what }) => what.length));
  const rows = bill.map(
    ({ item: what, basis: how, dollars }) => `${what.padEnd(width)} ${formatDollars(dollars)}  ${how}`,
  );
  return [
    `A month, in US dollars (${prices.region}, list prices of ${prices.asOf}, without free tier)`,
    ...rows,
    `${'total'.padEnd(width)} ${formatDollars(totalBill(bill))}`,
  ].join('\n');
};
