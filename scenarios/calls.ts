import { MINUTE_MS, SECOND_MS } from '../lambdas/contract/durations.ts';
import type { ErrorCode, Fault } from '../lambdas/contract/vocabulary.ts';
import { createSampler, type Sampler } from './sampler.ts';
import { type Curve, isWithin, matches, type Scenario, type TimeWindow, type Traffic, valueAt } from './scenario.ts';

/** A call that a scenario makes. */
export interface Call {
  tool: string;
  /** When it ended, in milliseconds. */
  endedAt: number;
  ms: number;
  failure: { code: ErrorCode; fault: Fault } | undefined;
  /** Whether the platform ended its process. */
  killed: boolean;
  /** Whether Lambda did not run it for want of capacity. */
  throttled: boolean;
  /** How far ahead the clock is that its line is written by, in milliseconds. */
  clockAheadMs: number;
  /** What becomes of its line; all but `whole` as in the scenario format. */
  line: 'whole' | 'cut' | 'invalid' | 'unwritten' | 'lossy';
}

/** The fault of each error code unless the scenario names another, as in docs/line.md. */
const FAULT_OF: Record<ErrorCode, Fault> = {
  INVALID_INPUT: 'caller',
  UNAUTHORIZED: 'caller',
  RATE_LIMITED: 'dependency',
  TIMEOUT: 'dependency',
  UPSTREAM_ERROR: 'dependency',
  INTERNAL_ERROR: 'ours',
};

type Failure = Traffic['failures'][number];

const toFailure = ({ code, fault, killed, throttled }: Failure): Call['failure'] => {
  const given = code ?? (throttled ? 'RATE_LIMITED' : 'UPSTREAM_ERROR');
  return { code: given, fault: fault ?? (killed || throttled ? 'platform' : FAULT_OF[given]) };
};

/** Chooses among the options that apply in a minute, each as often as its share says; `undefined` for the rest. */
const createChooser = <Option extends TimeWindow & { share: Curve }>(
  options: readonly Option[],
  sampler: Sampler,
  startsAt: number,
) => {
  const choose = sampler.chooser(options.length);
  const shareOf = (option: Option, minute: number): number =>
    minute >= 0 && isWithin(option, minute, startsAt + minute * MINUTE_MS) ? valueAt(option.share, minute) : 0;
  return (minute: number): Option | undefined => options[choose(options.map((option) => shareOf(option, minute)))];
};

/** A call, and how many minutes late its line arrives. */
interface ScheduledCall {
  call: Call;
  minutesLate: number;
}

/** Creates one tool's calls of one traffic entry, minute by minute. */
const createCaller = (tool: string, traffic: Traffic, sampler: Sampler, startsAt: number) => {
  const chooserOf = <Option extends TimeWindow & { share: Curve }>(options: readonly Option[]) =>
    createChooser(options, sampler, startsAt);
  const chooseFailure = chooserOf(traffic.failures);
  const chooseSlow = chooserOf(traffic.slow);
  const chooseLate = chooserOf(traffic.late);
  const chooseSkewed = chooserOf(traffic.skewed);
  const chooseBroken = chooserOf(traffic.broken);
  const drawDuration = (minute: number): number =>
    sampler.duration(valueAt(traffic.ms, minute), traffic.p95_ms && valueAt(traffic.p95_ms, minute));

  const createCall = (minute: number, at: number): ScheduledCall => {
    const failure = chooseFailure(minute);
    const chosenMs = failure ? failure.ms : chooseSlow(minute)?.ms;
    const call: Call = {
      tool,
      endedAt: startsAt + at * MINUTE_MS,
      ms: chosenMs ?? drawDuration(minute),
      failure: failure && toFailure(failure),
      killed: failure?.killed ?? false,
      throttled: failure?.throttled ?? false,
      clockAheadMs: (chooseSkewed(minute)?.seconds ?? 0) * SECOND_MS,
      line: chooseBroken(minute)?.how ?? 'whole',
    };
    return { call, minutesLate: chooseLate(minute)?.minutes ?? 0 };
  };

  /** Before minute 0 the traffic is that of minute 0, except where it follows a clock. */
  const hasTraffic = (minute: number): boolean => isWithin(traffic, Math.max(0, minute), startsAt + minute * MINUTE_MS);
  /** How many calls at the usual rate are still missing until the next one; undefined while there are none. */
  let missing: number | undefined;
  return (minute: number): ScheduledCall[] => {
    if (!hasTraffic(minute)) {
      missing = undefined;
      return [];
    }
    const calls: ScheduledCall[] = [];
    const perMinute = valueAt(traffic.calls_per_minute, minute);
    missing ??= sampler.firstGap();
    let past = 0;
    // Without the margin, rounding errors would move a call at a full minute into the minute before.
    for (; missing < perMinute - past - 1e-9; missing = sampler.gap()) {
      past += missing;
      calls.push(createCall(minute, minute + past / perMinute));
    }
    missing = Math.max(0, missing - (perMinute - past));
    return calls;
  };
};

/** What happens in one minute: the calls made in it, and the calls whose lines arrive in it. */
export interface Arrivals {
  made: Call[];
  recorded: Call[];
}

/**
 * Returns a function that gives the calls of one minute after the other; it must be called for each minute in turn.
 * Throws when no tool matches a traffic entry.
 */
export const createTraffic = ({ traffic, seed }: Scenario, tools: readonly string[], startsAt: number) => {
  if (Array.isArray(seed)) throw new Error('A scenario with several seeds is run once for each');
  const callers = traffic.flatMap((entry, index) => {
    const matching = tools.filter((tool) => matches(entry.tool, tool));
    if (matching.length === 0) throw new Error(`No tool is called ${entry.tool}`);
    return matching.map((tool, position) =>
      createCaller(tool, entry, createSampler(seed, index * 1_000 + position), startsAt),
    );
  });
  const recordedByMinute = new Map<number, Call[]>();
  return (minute: number): Arrivals => {
    const made = callers.flatMap((callsOf) => callsOf(minute));
    for (const { call, minutesLate } of made) {
      const arriving = recordedByMinute.get(minute + minutesLate) ?? [];
      arriving.push(call);
      recordedByMinute.set(minute + minutesLate, arriving);
    }
    const recorded = recordedByMinute.get(minute) ?? [];
    recordedByMinute.delete(minute);
    return { made: made.map(({ call }) => call), recorded };
  };
};
