import { deployAlarms } from './alarm-stacks.ts';
import { type Alarms, createAlarms } from './alarms.ts';
import { drivenClock } from './clock.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Place } from './place.ts';
import { matches, type Scenario, type Traffic } from './scenario.ts';
import { allStacks, type Stack } from './template.ts';

const PLACE: Place = { account: '000000000000', region: 'us-east-1', partition: 'aws' };
const SERVICE = 'toolwatch';
const MINUTE_MS = 60_000;
/** How long everything is quiet before minute 0, so that new alarms have warmed up. In minutes. */
const PRELUDE = 30;

/** Somebody was told that an alarm fired, or that it is over. */
export interface Page {
  alarm: string;
  state: 'ALARM' | 'OK';
  /** Of the scenario. */
  minute: number;
}

export interface Verdict {
  pages: Page[];
  /** What must not have been, in words; empty when all is right. */
  wrongs: string[];
  /** Minutes from the first moment it could be to the first page, by expected alarm. */
  delays: Map<string, number>;
}

/** Spreads a share evenly: true for as many calls as it says. */
const spread = (part: number) => {
  let sum = 0;
  return (): boolean => {
    sum += part;
    if (sum < 1 - 1e-9) return false;
    sum -= 1;
    return true;
  };
};

/** Publishes what a tool's calls of one minute would, as their lines do. */
const caller = (metrics: Metrics, one: Traffic, slowAboveMs: number) => {
  const dimensions = { service: SERVICE, tool: one.tool };
  const [isError, isCallers, isSlow] = [
    spread(one.error_share),
    spread(one.caller_error_share),
    spread(one.slow_share),
  ];
  let due = 0;
  return (at: number): void => {
    due += one.calls_per_minute;
    for (; due >= 1 - 1e-9; due -= 1) {
      const ms = isSlow() ? one.slow_ms : one.ms;
      const failed = isError();
      const callers = isCallers() && !failed;
      const put = (name: string, value: number) => metrics.put({ namespace: 'Toolwatch', name, dimensions }, value, at);
      put('duration_ms', ms);
      put('error', failed ? 1 : 0);
      put('caller_error', callers ? 1 : 0);
      put('slow', ms > slowAboveMs ? 1 : 0);
      const lambda = { FunctionName: `${SERVICE}-tool-${one.tool}` };
      metrics.put({ namespace: 'AWS/Lambda', name: 'Invocations', dimensions: lambda }, 1, at);
      metrics.put({ namespace: 'AWS/Lambda', name: 'Duration', dimensions: lambda }, ms, at);
      // What the platform would count if the tool threw what it now answers.
      metrics.put({ namespace: 'AWS/Lambda', name: 'Errors', dimensions: lambda }, failed || callers ? 1 : 0, at);
    }
  };
};

/** Each tool's threshold in milliseconds, read off its own alarm. */
const slowThresholds = (stacks: readonly Stack[]): Map<string, number> =>
  new Map(
    allStacks(stacks).flatMap(({ template }) =>
      Object.values(template.Resources).flatMap(({ Properties }) => {
        const tool = /^tool\/([^/]+)\/slow$/.exec(String(Properties.AlarmName))?.[1];
        return tool ? [[tool, Number(Properties.Threshold)] as const] : [];
      }),
    ),
  );

const publisher = (
  { traffic, readings, minutes, refresh_stops_at = minutes }: Scenario,
  metrics: Metrics,
  alarms: Alarms,
  stacks: readonly Stack[],
) => {
  const thresholds = slowThresholds(stacks);
  const callers = traffic.map((one) => {
    const slowAboveMs = thresholds.get(one.tool);
    if (slowAboveMs === undefined) throw new Error(`The template has no tool ${one.tool}`);
    return { ...one, publish: caller(metrics, one, slowAboveMs) };
  });
  const isIn = (minute: number, { from, until = minutes }: { from: number; until?: number | undefined }) =>
    minute >= from && minute < until;
  return (minute: number, at: number): void => {
    for (const one of callers) {
      if (isIn(minute - one.late_minutes, one)) one.publish(at - one.late_minutes * MINUTE_MS);
    }
    for (const one of readings) {
      if (!isIn(minute, one) || minute % one.every_minutes !== 0) continue;
      const { namespace, name, dimensions, value } = one;
      const ids = dimensions ? [{ namespace, name, dimensions }] : alarms.reads(namespace, name);
      if (ids.length === 0) throw new Error(`No alarm reads ${namespace} ${name}`);
      for (const id of ids) metrics.put(id, value, at);
    }
    if (minute % 5 === 0 && minute < refresh_stops_at) {
      metrics.put({ namespace: 'Toolwatch', name: 'refresh_duration_ms', dimensions: { service: SERVICE } }, 300, at);
    }
  };
};

/**
 * Lets a scenario happen before the alarms of these stacks, on a driven clock, and gives who was told when. What a tool's
 * slow call is, `tools` say: by default the same stacks.
 */
export const pagesOf = async (one: Scenario, stacks: readonly Stack[], tools = stacks): Promise<Page[]> => {
  const begin = Date.parse(one.starts_at);
  const clock = drivenClock(begin - PRELUDE * MINUTE_MS);
  const metrics = createMetrics(clock);
  const pages: Page[] = [];
  const alarms = createAlarms({
    place: PLACE,
    clock,
    metrics,
    onTransition: () => {},
    notify: (_, _arn, { message }) => {
      const { AlarmName: alarm, NewStateValue: state, OldStateValue: before } = message;
      // That all is well at first is no news.
      if (before === 'INSUFFICIENT_DATA' && state === 'OK') return;
      const minute = Math.floor((clock.now() - begin) / MINUTE_MS);
      pages.push({ alarm: String(alarm), state: state === 'ALARM' ? 'ALARM' : 'OK', minute });
    },
  });
  await deployAlarms(stacks, alarms.rules, PLACE);
  const publish = publisher(one, metrics, alarms, tools);
  alarms.start();
  // What the last minute showed is judged in the one after it.
  for (let minute = -PRELUDE; minute <= one.minutes; minute += 1) {
    publish(minute, clock.now());
    await clock.advance(MINUTE_MS);
  }
  return pages;
};

/** Holds who was told against who should have been. */
export const judgePages = ({ expected, tolerated }: Scenario, pages: readonly Page[]): Verdict => {
  const wrongs: string[] = [];
  const delays = new Map<string, number>();
  for (const { alarm, from, by, over_by } of expected) {
    const fired = pages.find((page) => page.state === 'ALARM' && matches(alarm, page.alarm));
    if (!fired) wrongs.push(`${alarm} did not page`);
    else if (fired.minute < from) wrongs.push(`${alarm} paged in minute ${fired.minute}, before ${from}`);
    else if (fired.minute > by) wrongs.push(`${alarm} paged in minute ${fired.minute}, after ${by}`);
    else delays.set(alarm, fired.minute - from);
    const over = pages.find(
      (page) => page.state === 'OK' && matches(alarm, page.alarm) && page.minute > (fired?.minute ?? 0),
    );
    if (over_by !== undefined && (!over || over.minute > over_by))
      wrongs.push(`${alarm} was not over by minute ${over_by}`);
  }
  const known = [...tolerated, ...expected.map(({ alarm }) => alarm)];
  const surprising = pages.filter(({ alarm, state }) => state === 'ALARM' && !known.some((one) => matches(one, alarm)));
  for (const { alarm, minute } of surprising) wrongs.push(`${alarm} paged in minute ${minute}`);
  return { pages: [...pages], wrongs, delays };
};
