import { extractMetrics } from '../emulator/cloudwatch/emf.ts';
import type { MetricId, Metrics } from '../emulator/cloudwatch/metrics.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lambdas/contract/durations.ts';
import { CALL_DIMENSIONS, NAMESPACE, PIPELINE_METRICS, VERDICT_METRICS } from '../lambdas/contract/metrics.ts';
import { thresholdsOf } from '../lambdas/contract/thresholds.ts';
import { countsProvider, type ToolFacts } from '../lambdas/contract/tool-facts.ts';
import { CONDITIONS } from '../lambdas/refresh/verdicts/evaluate-names.ts';
import type { Settings } from '../lib/settings.ts';
import { type Call, createTraffic } from './calls.ts';
import { createCompletenessCounter } from './completeness.ts';
import { type LineSource, scenarioLine } from './line.ts';
import { createRefresh } from './refresh.ts';
import { isWithin, type Reading, type Scenario } from './scenario.ts';

/** The metrics of one set of alarms, and what of a scenario is written to them. */
export interface Feed {
  metrics: Metrics;
  /** The metrics of a namespace and name that some alarm reads. */
  reads(namespace: string, name: string): MetricId[];
  /**
   * Which failures Lambda's own error count contains: `answered`, only killed processes, because tools answer a failure
   * instead of throwing it; `thrown`, every failure that is not the caller's fault, as if tools threw it.
   */
  failuresAre: 'answered' | 'thrown';
  /** Whether the metrics in the lines of calls are extracted. */
  lines: boolean;
}

/**
 * Puts Lambda's own metrics of a call: of the tool's function and of the gateway before it, as far as an alarm reads
 * them.
 */
const createPlatformMetrics = ({ metrics, reads, failuresAre }: Feed, service: string) => {
  const read = new Map<string, MetricId>();
  for (const name of ['Invocations', 'Duration', 'Throttles', 'Errors']) {
    for (const id of reads('AWS/Lambda', name)) read.set(`${id.dimensions.FunctionName} ${name}`, id);
  }
  const gateway = `${service}-gateway`;
  return ({ tool, ms, endedAt, failure, killed, throttled }: Call): void => {
    const isThrown = failuresAre === 'thrown' && failure !== undefined && failure.fault !== 'caller';
    const put = (functionName: string, name: string, value: number) => {
      const id = read.get(`${functionName} ${name}`);
      if (id) metrics.put(id, value, endedAt);
    };
    for (const functionName of [`${service}-tool-${tool}`, gateway]) {
      if (throttled && functionName !== gateway) {
        put(functionName, 'Throttles', 1);
        continue;
      }
      put(functionName, 'Invocations', 1);
      put(functionName, 'Duration', ms);
      put(functionName, 'Throttles', 0);
      put(functionName, 'Errors', (killed || isThrown) && functionName !== gateway ? 1 : 0);
    }
  };
};

/** Puts the metrics that CloudWatch extracts from a line, or counts the line as one it could not read. */
const putLine = ({ metrics, reads }: Feed, line: string, now: number): void => {
  const extracted = extractMetrics(line, now);
  if (!extracted) return;
  if ('failed' in extracted) {
    for (const id of reads('AWS/Logs', extracted.failed)) metrics.put(id, 1, now);
    return;
  }
  for (const { id, values, at, resolutionMs } of extracted.metrics) metrics.put(id, values, at, resolutionMs);
};

const putReading = ({ metrics, reads }: Feed, { namespace, name, dimensions, value }: Reading, now: number): void => {
  const ids = dimensions ? [{ namespace, name, dimensions }] : reads(namespace, name);
  for (const id of ids) metrics.put(id, value, now);
};

/** The notifier is started every minute, and works. */
const putHeartbeat = ({ metrics }: Feed, service: string, now: number): void =>
  metrics.put({ namespace: NAMESPACE, name: PIPELINE_METRICS.notifierHeartbeat, dimensions: { service } }, 1, now);

/** The minute of the day in which retention runs. */
const RETENTION_AT_MINUTE = 195;

export interface Deployed {
  settings: Settings;
  tools: readonly ToolFacts[];
}

const createLineSources = ({ settings, tools }: Deployed): Map<string, LineSource> =>
  new Map(
    tools.map((facts) => [
      facts.name,
      {
        service: settings.service,
        slowAboveMs: thresholdsOf(facts).p95_ms,
        countsCallerErrors: settings.alarms.callerFaultShift,
        provider: facts.provider,
        countsProvider: countsProvider(facts),
      },
    ]),
  );

/** Throws for a reading that would change nothing. */
const checkReadings = ({ readings }: Scenario, feeds: readonly Feed[]): void => {
  for (const { namespace, name, dimensions } of readings) {
    const isRead = dimensions !== undefined || feeds.some(({ reads }) => reads(namespace, name).length > 0);
    if (!isRead) throw new Error(`No alarm reads ${namespace} ${name}`);
  }
};

/** Lets Lambda count one start of a function by its schedule. */
const putStart = (feeds: readonly Feed[], FunctionName: string, now: number): void => {
  const id = { namespace: 'AWS/Lambda', name: 'Invocations', dimensions: { FunctionName } };
  for (const feed of feeds) feed.metrics.put(id, 1, now);
};

/** Lets the self-check run once, and write a line. */
const putSelfCheck = (feeds: readonly Feed[], service: string, now: number): void => {
  putStart(feeds, `${service}-self-check`, now);
  const dimensions = { LogGroupName: `/${service}/self-check` };
  for (const feed of feeds) feed.metrics.put({ namespace: 'AWS/Logs', name: 'IncomingLogEvents', dimensions }, 1, now);
};

/**
 * Returns a function that writes one minute of a scenario after the other to every feed: the platform's metrics of its
 * calls, the metrics in their lines, its readings, and what refresh, retention, the self-check and completeness publish.
 */
export const createFeeder = (scenario: Scenario, deployed: Deployed, feeds: readonly Feed[], startsAt: number) => {
  const { service, refreshMinutes } = deployed.settings;
  const names = deployed.tools.map(({ name }) => name);
  const trafficOf = createTraffic(scenario, names, startsAt);
  const sources = createLineSources(deployed);
  checkReadings(scenario, feeds);
  const platformMetrics = feeds.map((feed) => createPlatformMetrics(feed, service));
  const lineFeeds = feeds.filter(({ lines }) => lines);
  const completeness = createCompletenessCounter();
  const refresh = createRefresh(
    new Map(
      deployed.tools.map((facts) => [
        facts.name,
        { errorRate: thresholdsOf(facts).error_rate, objective: facts.alarms.objective },
      ]),
    ),
  );
  let serial = 0;

  const writeLines = (recorded: readonly Call[], now: number) => {
    for (const call of recorded) {
      serial += 1;
      const source = sources.get(call.tool);
      const line = source && scenarioLine(call, source, serial);
      if (line !== undefined) for (const feed of lineFeeds) putLine(feed, line, now);
    }
  };

  const writeReadings = (minute: number, now: number) => {
    if (minute < 0) return;
    for (const reading of scenario.readings.filter((window) => isWithin(window, minute, now))) {
      for (const feed of feeds) putReading(feed, reading, now);
    }
  };

  const writeVerdicts = (now: number) => {
    if (refresh.haveCallsStopped(now)) {
      const stopped = { namespace: NAMESPACE, name: PIPELINE_METRICS.callsStopped, dimensions: { service } };
      for (const feed of lineFeeds) feed.metrics.put(stopped, 1, now);
    }
    for (const [tool, verdicts] of refresh.evaluate(now)) {
      for (const condition of CONDITIONS) {
        if (verdicts[condition] === 'none') continue;
        const dimensions = { [CALL_DIMENSIONS.service]: service, [CALL_DIMENSIONS.tool]: tool };
        const id = { namespace: NAMESPACE, name: VERDICT_METRICS[condition], dimensions };
        for (const feed of lineFeeds) feed.metrics.put(id, verdicts[condition] === 'holds' ? 1 : 0, now);
      }
    }
  };

  const writeRefresh = (minute: number, now: number) => {
    if (minute % refreshMinutes !== 0 || minute >= (scenario.refresh_stops_at ?? scenario.minutes)) return;
    const name = `${service}-refresh`;
    putStart(feeds, name, now);
    const hasFailed = scenario.readings.some(
      (reading) =>
        reading.name === 'Errors' && reading.dimensions?.FunctionName === name && isWithin(reading, minute, now),
    );
    if (!hasFailed) writeVerdicts(now);
  };

  const writeRetention = (now: number) => {
    const minutes = (now % DAY_MS) / MINUTE_MS;
    if (minutes === RETENTION_AT_MINUTE && !scenario.retention_stops) putStart(feeds, `${service}-retention`, now);
  };

  const writeCompleteness = (now: number) => {
    const percent = completeness.publishedAt(now);
    if (percent === undefined) return;
    const id = { namespace: NAMESPACE, name: PIPELINE_METRICS.completeness, dimensions: { service } };
    for (const feed of lineFeeds) feed.metrics.put(id, percent, now);
  };

  return (minute: number): void => {
    const now = startsAt + minute * MINUTE_MS;
    const arrivals = trafficOf(minute);
    completeness.count(arrivals);
    for (const call of arrivals.made) for (const put of platformMetrics) put(call);
    writeLines(arrivals.recorded, now);
    for (const call of arrivals.recorded) refresh.count(call);
    writeReadings(minute, now);
    writeRefresh(minute, now);
    if (now % HOUR_MS === 0) putSelfCheck(feeds, service, now);
    writeRetention(now);
    writeCompleteness(now);
    for (const feed of lineFeeds) putHeartbeat(feed, service, now);
  };
};
