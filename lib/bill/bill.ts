import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CALL_METRICS, HOURS_WRITTEN, PIPELINE_METRICS } from '../../lambdas/contract/metrics.ts';
import { InvalidSettings, type Settings } from '../settings.ts';
import prices from './prices.json' with { type: 'json' };

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}
export interface Deployed {
  readonly settings: Settings;
  readonly tools: number;
  /** Every resource of every stack, nested ones included. */
  readonly resources: readonly Resource[];
}

export interface BillLine {
  readonly what: string;
  /** What is counted, in words. */
  readonly how: string;
  /** US dollars a month. */
  readonly dollars: number;
}

/** One call's line as it stands in the log: measured, with what the log service adds to each event. In bytes. */
const LINE_BYTES = 1_020;
/** What the line says more when its tool depends on an outside service. */
const PROVIDER_BYTES = 140;
/** A request's line in the front door's log, likewise. */
const ACCESS_LINE_BYTES = 330;
/**
 * The gateway's own part of a call, while it does not wait for its tool, in seconds at 256 MiB: three milliseconds of a processor
 * (`npm run bench -- gateway`), of which it then has a seventh.
 */
const GATEWAY_SECONDS = 0.02;
const GATEWAY_MIB = 256;
/** Less memory is as much less processor, up to one whole. */
const PROCESSOR_MIB = 1_769;
/** Ingest's part of a batch. */
const INGEST_SECONDS = 0.06;
const REFRESH_SECONDS = 0.4;
/** Completeness asks twice; the drill waits until CloudWatch knows who was told. */
const COMPLETENESS_SECONDS = 1;
const DRILL_SECONDS = 300;
const MINUTES_A_MONTH = 43_800;
const HOURS_A_MONTH = 730;
const WEEKS_A_MONTH = 52 / 12;
/** Calls that end within so many seconds reach ingest in one batch: the log service hands on what it has, at once. */
const GATHERED_SECONDS = 0.05;
const MIB_A_GIB = 1_024;

const ofType = ({ resources }: Deployed, type: string) => resources.filter(({ Type }) => Type === type);

const lambdaDollars = (runs: number, seconds: number, memoryMib: number): number =>
  runs * (seconds * (memoryMib / MIB_A_GIB) * prices.lambda.gbSecond + prices.lambda.millionRequests / 1e6);

const memoryOf = (resource: Resource | undefined): number => Number(resource?.Properties?.MemorySize ?? 128);
const functionNamed = (deployed: Deployed, name: string): Resource | undefined =>
  ofType(deployed, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties?.FunctionName === `${deployed.settings.service}-${name}`,
  );

/** How many metrics an alarm is billed for: each it reads, and for a query each series it finds, one a tool. */
const metricsIn = ({ Properties }: Resource, tools: number): number => {
  const queries = (Properties?.Metrics ?? []) as { MetricStat?: object; Expression?: string }[];
  if (queries.length === 0) return 1;
  return queries.reduce((sum, { MetricStat, Expression }) => {
    if (MetricStat) return sum + 1;
    return /^\s*SELECT\b/i.test(Expression ?? '') ? sum + tools : sum;
  }, 0);
};

const serving = (deployed: Deployed): BillLine => {
  const { callsPerMonth, toolMs } = deployed.settings.traffic;
  const toolMemory = ofType(deployed, 'AWS::Lambda::Function')
    .filter(({ Properties }) => String(Properties?.FunctionName).startsWith(`${deployed.settings.service}-tool-`))
    .map(memoryOf);
  const mean = toolMemory.reduce((sum, memory) => sum + memory, 0) / Math.max(1, toolMemory.length);
  const tool = toolMs / 1_000;
  const memory = memoryOf(functionNamed(deployed, 'gateway'));
  // A gateway that waits is billed for waiting.
  const gateway = (GATEWAY_SECONDS * GATEWAY_MIB) / Math.min(memory, PROCESSOR_MIB) + tool;
  return {
    what: 'gateway and tools',
    how: `${callsPerMonth.toLocaleString('en')} calls of ${toolMs} ms`,
    dollars: lambdaDollars(callsPerMonth, gateway, memory) + lambdaDollars(callsPerMonth, tool, mean),
  };
};

const httpApi = (deployed: Deployed): BillLine => {
  const requests = ofType(deployed, 'AWS::ApiGatewayV2::Api').length * deployed.settings.traffic.callsPerMonth;
  return {
    what: 'HTTP API',
    how: `a request a call, and ${ACCESS_LINE_BYTES} bytes of access log each`,
    dollars:
      (requests * prices.httpApi.millionRequests) / 1e6 + ((requests * ACCESS_LINE_BYTES) / 1e9) * prices.logs.gb,
  };
};

/** How many outside services have a metric: each has a warning of its own. */
const providersIn = (deployed: Deployed): number =>
  ofType(deployed, 'AWS::CloudWatch::Alarm').filter(({ Properties }) =>
    /(^|\/)provider\/[^/]+\/failing$/.test(String(Properties?.AlarmName)),
  ).length;

const logs = (deployed: Deployed): BillLine => {
  const { settings } = deployed;
  const bytes = LINE_BYTES + (providersIn(deployed) > 0 ? PROVIDER_BYTES : 0);
  const gb = (settings.traffic.callsPerMonth * bytes) / 1e9;
  const stored = gb * (settings.logRetentionDays / 30) * prices.logs.storedShare;
  return {
    what: 'log lines',
    how: `${bytes} bytes a call, kept ${settings.logRetentionDays} days`,
    dollars: gb * prices.logs.gb + stored * prices.logs.storedGbMonth,
  };
};

/** Metrics are billed for the hours in which they are written; those of calls are taken to be written in each. */
const metrics = (deployed: Deployed): BillLine => {
  const { tools, settings } = deployed;
  const providers = providersIn(deployed);
  const each = Object.keys(CALL_METRICS).length + (settings.alarms.callerFaultShift ? 1 : 0);
  const own = Object.keys(PIPELINE_METRICS) as (keyof typeof PIPELINE_METRICS)[];
  const months = own.reduce((sum, metric) => sum + (HOURS_WRITTEN[metric] ?? HOURS_A_MONTH) / HOURS_A_MONTH, 0);
  const steady = own.filter((metric) => HOURS_WRITTEN[metric] === undefined).length;
  return {
    what: 'metrics',
    how: `${each} for each of ${tools} tools, ${providers} of outside services; of the pipeline ${steady}, and ${own.length - steady} now and then`,
    dollars: (each * tools + providers + months) * prices.cloudwatch.metric,
  };
};

const alarms = (deployed: Deployed): BillLine => {
  const single = ofType(deployed, 'AWS::CloudWatch::Alarm');
  const composite = ofType(deployed, 'AWS::CloudWatch::CompositeAlarm').length;
  const read = single.reduce((sum, alarm) => sum + metricsIn(alarm, deployed.tools), 0);
  return {
    what: 'alarms',
    how: `${single.length} that read ${read} metrics, ${composite} composite`,
    dollars: read * prices.cloudwatch.alarmMetric + composite * prices.cloudwatch.compositeAlarm,
  };
};

const dashboards = (deployed: Deployed): BillLine => {
  const count = ofType(deployed, 'AWS::CloudWatch::Dashboard').length;
  return { what: 'dashboard', how: `${count}`, dollars: count * prices.cloudwatch.dashboard };
};

/** Completeness asks CloudWatch each hour for two metrics a tool: what Lambda ran and what lines told. */
const METRICS_READ_A_TOOL = 2;

const reading = (deployed: Deployed): BillLine => {
  const read = functionNamed(deployed, 'completeness') ? METRICS_READ_A_TOOL * deployed.tools * HOURS_A_MONTH : 0;
  return {
    what: 'metrics read',
    how: `${METRICS_READ_A_TOOL} of each tool, every hour, to see that calls arrive`,
    dollars: (read / 1_000) * prices.cloudwatch.thousandMetricsRead,
  };
};

const pipeline = (deployed: Deployed): BillLine => {
  const { traffic, refreshMinutes } = deployed.settings;
  const callsPerSecond = traffic.callsPerMonth / (MINUTES_A_MONTH * 60);
  const callsPerBatch = Math.max(1, callsPerSecond * GATHERED_SECONDS);
  const batches = traffic.callsPerMonth / callsPerBatch;
  return {
    what: 'ingest and refresh',
    how: `batches of ${+callsPerBatch.toFixed(1)} calls, a refresh every ${refreshMinutes} min, what else runs by the clock`,
    dollars:
      lambdaDollars(batches, INGEST_SECONDS, memoryOf(functionNamed(deployed, 'ingest'))) +
      startedDollars(deployed, 'refresh', MINUTES_A_MONTH / refreshMinutes, REFRESH_SECONDS) +
      startedDollars(deployed, 'completeness', HOURS_A_MONTH, COMPLETENESS_SECONDS) +
      startedDollars(deployed, 'drill', WEEKS_A_MONTH, DRILL_SECONDS),
  };
};

/** What a function costs that the clock starts, where there is one of that name. */
const startedDollars = (deployed: Deployed, name: string, starts: number, seconds: number): number => {
  const started = functionNamed(deployed, name);
  if (!started) return 0;
  return lambdaDollars(starts, seconds, memoryOf(started)) + (starts / 1e6) * prices.scheduler.millionStarts;
};

/** RDS Proxy is billed for the database's processors, two at least; the instances up to large have two. */
const PROXY_VCPUS = 2;

/** Idle, which is the least it costs: what it grows to depends on queries, not on calls. */
const aurora = ({ settings, resources }: Deployed): BillLine => {
  const instances = resources.filter(({ Properties }) => Properties?.DBInstanceClass === 'db.serverless').length;
  const { minCapacity, maxCapacity } = settings.database;
  return {
    what: 'database',
    how: `Aurora at its least, ${minCapacity} of up to ${maxCapacity} capacity units, ${instances} instance(s)`,
    dollars: instances * minCapacity * HOURS_A_MONTH * prices.rds.auroraCapacityHour,
  };
};

const proxy = (deployed: Deployed): BillLine => {
  const count = ofType(deployed, 'AWS::RDS::DBProxy').length;
  return {
    what: 'database proxy',
    how: `${PROXY_VCPUS} processors`,
    dollars: count * PROXY_VCPUS * HOURS_A_MONTH * prices.rds.proxyVcpuHour,
  };
};

const database = (deployed: Deployed): BillLine => {
  if (deployed.settings.database.kind === 'aurora') return aurora(deployed);
  const [instance] = ofType(deployed, 'AWS::RDS::DBInstance');
  const { DBInstanceClass = '', AllocatedStorage = 0, MultiAZ = false } = instance?.Properties ?? {};
  const price = (prices.rds.instance as Record<string, number>)[String(DBInstanceClass)];
  const each = (price ?? 0) + Number(AllocatedStorage) * prices.rds.storedGbMonth;
  return {
    what: 'database',
    how: [
      price === undefined ? `${DBInstanceClass}, whose price lib/bill/prices.json does not know` : `${DBInstanceClass}`,
      `${AllocatedStorage} GB`,
      ...(MultiAZ ? ['in two zones'] : []),
    ].join(', '),
    dollars: MultiAZ ? each * 2 : each,
  };
};

const keys = (deployed: Deployed): BillLine => {
  const count = ofType(deployed, 'AWS::KMS::Key').length;
  return { what: 'keys', how: `${count}`, dollars: count * prices.kms.key };
};

/** What a month costs, by line, at the traffic the settings state. Prices are lib/bill/prices.json's. */
export const estimateBill = (deployed: Deployed): BillLine[] =>
  [serving, httpApi, logs, metrics, alarms, reading, dashboards, pipeline, database, proxy, keys]
    .map((line) => line(deployed))
    .filter(({ dollars }) => dollars > 0);

export const totalBill = (bill: readonly BillLine[]): number => bill.reduce((sum, { dollars }) => sum + dollars, 0);

/** Every resource in the templates of a synthesized app, nested stacks included. */
export const readResources = (assembly: string): Resource[] =>
  readdirSync(assembly)
    .filter((file) => file.endsWith('.template.json'))
    .flatMap((file) => Object.values<Resource>(JSON.parse(readFileSync(join(assembly, file), 'utf8')).Resources ?? {}));

/** Throws `WrongSettings` when the bill is over the budget of the settings. */
export const checkBudget = (bill: readonly BillLine[], { budget }: Settings): void => {
  const total = totalBill(bill);
  if (budget === undefined || total <= budget) return;
  throw new InvalidSettings(
    `Setting budget: this deployment costs about ${total.toFixed(2)} dollars a month at the traffic the settings state, and ${budget} are allowed. Write a higher budget, or make it smaller.`,
  );
};

const cents = (dollars: number): string => dollars.toFixed(2).padStart(9);

/** The bill as a table a person reads. */
export const formatBill = (bill: readonly BillLine[]): string => {
  const width = Math.max(...bill.map(({ what }) => what.length));
  const rows = bill.map(({ what, how, dollars }) => `${what.padEnd(width)} ${cents(dollars)}  ${how}`);
  return [
    `A month, in US dollars (${prices.region}, list prices of ${prices.asOf}, without free tier)`,
    ...rows,
    `${'in all'.padEnd(width)} ${cents(totalBill(bill))}`,
  ].join('\n');
};
