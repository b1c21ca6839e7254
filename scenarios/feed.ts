import { extractMetrics } from '../emulator/cloudwatch/emf.ts';
import type { MetricId, Metrics } from '../emulator/cloudwatch/metrics.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../lambdas/contract/metrics.ts';
import { thresholdsOf } from '../lambdas/contract/thresholds.ts';
import type { ToolFacts } from '../lambdas/contract/tool-facts.ts';
import type { Settings } from '../lib/settings.ts';
import { type Arrivals, type Call, callsOf } from './calls.ts';
import { type LineSource, scenarioLine } from './line.ts';
import { isWithin, type Reading, type Scenario } from './scenario.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** In this minute of each hour completeness is told, of the hour before. */
const TOLD_AT_MINUTE = 40;

/** What a scenario is fed into. */
export interface Feed {
  metrics: Metrics;
  /** The metrics of a namespace and name that somebody reads. */
  reads(namespace: string, name: string): MetricId[];
  /**
   * What Lambda's own error count makes of a failure: nothing, as it is answered and not thrown (only a killed process
   * counts); or an error, as if tools threw whatever is not the caller's fault.
   */
  failuresAre: 'answered' | 'thrown';
  /** Are the lines of calls read here at all? */
  lines: boolean;
}

/** What the platform counts of the calls of a tool's function, and of the gateway before it: as far as this feed reads it. */
const platformOf = ({ metrics, reads, failuresAre }: Feed, service: string) => {
  const read = new Map<string, MetricId>();
  for (const name of ['Invocations', 'Duration', 'Throttles', 'Errors']) {
    for (const id of reads('AWS/Lambda', name)) read.set(`${id.dimensions.FunctionName} ${name}`, id);
  }
  const gateway = `${service}-gateway`;
  return ({ tool, ms, endedAt, failure, killed }: Call): void => {
    const failed = killed || (failuresAre === 'thrown' && failure !== undefined && failure.fault !== 'caller');
    const put = (fn: string, name: string, value: number) => {
      const id = read.get(`${fn} ${name}`);
      if (id) metrics.put(id, value, endedAt);
    };
    for (const fn of [`${service}-tool-${tool}`, gateway]) {
      put(fn, 'Invocations', 1);
      put(fn, 'Duration', ms);
      put(fn, 'Throttles', 0);
      put(fn, 'Errors', failed && fn !== gateway ? 1 : 0);
    }
  };
};

/** What CloudWatch makes of a line: metrics, or one more line it could not read. */
const putLine = ({ metrics, reads }: Feed, line: string, now: number): void => {
  const extracted = extractMetrics(line, now);
  if (!extracted) return;
  if ('failed' in extracted) {
    for (const id of reads('AWS/Logs', extracted.failed)) metrics.put(id, 1, now);
    return;
  }
  for (const { id, values, at, resolutionMs } of extracted.metrics) metrics.put(id, values, at, resolutionMs);
};

/** How complete each hour is by the lines alone; a scenario in which rows go missing reads a lower figure beside it. */
const counter = () => {
  const hours = new Map<number, { made: number; told: number }>();
  const of = (hour: number) => {
    const known = hours.get(hour) ?? { made: 0, told: 0 };
    hours.set(hour, known);
    return known;
  };
  const hourOf = ({ endedAt, ms }: Call) => Math.floor((endedAt - ms) / HOUR_MS);
  return {
    count: ({ made, recorded: told }: Arrivals): void => {
      for (const call of made) of(hourOf(call)).made += 1;
      for (const call of told) if (call.line === 'whole' || call.line === 'lossy') of(hourOf(call)).told += 1;
    },
    /** Percent, in the minute in which it is told. */
    toldAt: (now: number): number | undefined => {
      if ((now % HOUR_MS) / MINUTE_MS !== TOLD_AT_MINUTE) return undefined;
      const { made, told } = of(Math.floor(now / HOUR_MS) - 1);
      return made === 0 ? 100 : (100 * told) / made;
    },
  };
};

const putReading = ({ metrics, reads }: Feed, { namespace, name, dimensions, value }: Reading, now: number): void => {
  const ids = dimensions ? [{ namespace, name, dimensions }] : reads(namespace, name);
  for (const id of ids) metrics.put(id, value, now);
};

export interface Deployed {
  settings: Settings;
  tools: readonly ToolFacts[];
}

/** Lets a scenario happen minute by minute: each call writes its line, and what can be read off it reaches every feed. */
export const feeder = (one: Scenario, { settings, tools }: Deployed, feeds: readonly Feed[], startsAt: number) => {
  const { service, refreshMinutes, alarms } = settings;
  const names = tools.map(({ name }) => name);
  const arriving = callsOf(one, names, startsAt);
  const tellers = new Map<string, LineSource>(
    tools.map((facts) => [
      facts.name,
      {
        service,
        slowAboveMs: thresholdsOf(facts).p95_ms,
        countsCallerErrors: alarms.callerFaultShift,
        provider: facts.provider,
      },
    ]),
  );
  for (const { namespace, name, dimensions } of one.readings) {
    const isRead = dimensions !== undefined || feeds.some(({ reads }) => reads(namespace, name).length > 0);
    if (!isRead) throw new Error(`No alarm reads ${namespace} ${name}`);
  }
  const platforms = feeds.map((feed) => platformOf(feed, service));
  const completeness = counter();
  let serial = 0;
  return (minute: number): void => {
    const now = startsAt + minute * MINUTE_MS;
    const arrivals = arriving(minute);
    const { made, recorded: told } = arrivals;
    completeness.count(arrivals);
    for (const call of made) for (const put of platforms) put(call);
    for (const call of told) {
      serial += 1;
      const teller = tellers.get(call.tool);
      const line = teller && scenarioLine(call, teller, serial);
      if (line !== undefined) for (const feed of feeds) if (feed.lines) putLine(feed, line, now);
    }
    for (const reading of one.readings) {
      if (minute >= 0 && isWithin(reading, minute)) for (const feed of feeds) putReading(feed, reading, now);
    }
    if (minute % refreshMinutes === 0 && minute < (one.refresh_stops_at ?? one.minutes)) {
      const id = { namespace: 'AWS/Lambda', name: 'Invocations', dimensions: { FunctionName: `${service}-refresh` } };
      for (const feed of feeds) feed.metrics.put(id, 1, now);
    }
    const complete = completeness.toldAt(now);
    if (complete !== undefined) {
      const id = { namespace: NAMESPACE, name: PIPELINE_METRICS.completeness, dimensions: { service } };
      for (const feed of feeds) if (feed.lines) feed.metrics.put(id, complete, now);
    }
  };
};
