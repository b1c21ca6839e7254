import { MINUTE_MS } from '../lambdas/contract/durations.ts';
import type { ErrorCode, Fault } from '../lambdas/contract/vocabulary.ts';
import { createSampler, type Sampler } from './sampler.ts';
import { isWithin, matches, type Scenario, type TimeWindow, type Traffic } from './scenario.ts';

/** A call that a scenario makes. */
export interface Call {
  tool: string;
  /** When it ended, in milliseconds. */
  endedAt: number;
  ms: number;
  failure: { code: ErrorCode; fault: Fault } | undefined;
  /** Whether the platform ended its process. */
  killed: boolean;
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

const toFailure = ({ code, fault, killed }: Failure): Call['failure'] => ({
  code,
  fault: fault ?? (killed ? 'platform' : FAULT_OF[code]),
});

/** Chooses among the options that apply in a minute, each as often as its share says; `undefined` for the rest. */
const createChooser = <Option extends TimeWindow & { share: number }>(options: readonly Option[], sampler: Sampler) => {
  const choose = sampler.chooser(options.length);
  return (minute: number): Option | undefined =>
    options[choose(options.map((option) => (minute >= 0 && isWithin(option, minute) ? option.share : 0)))];
};

/** A call, and how many minutes late its line arrives. */
interface ScheduledCall {
  call: Call;
  minutesLate: number;
}

/** Creates one tool's calls of one traffic entry, minute by minute. */
const createCaller = (tool: string, traffic: Traffic, sampler: Sampler, startsAt: number) => {
  const chooseFailure = createChooser(traffic.failures, sampler);
  const chooseSlow = createChooser(traffic.slow, sampler);
  const chooseLate = createChooser(traffic.late, sampler);
  const chooseBroken = createChooser(traffic.broken, sampler);
  const drawDuration = sampler.durations(traffic.ms, traffic.p95_ms);

  const createCall = (minute: number, at: number): ScheduledCall => {
    const failure = chooseFailure(minute);
    const chosenMs = failure ? failure.ms : chooseSlow(minute)?.ms;
    const call: Call = {
      tool,
      endedAt: startsAt + at * MINUTE_MS,
      ms: chosenMs ?? drawDuration(),
      failure: failure && toFailure(failure),
      killed: failure?.killed ?? false,
      line: chooseBroken(minute)?.how ?? 'whole',
    };
    return { call, minutesLate: chooseLate(minute)?.minutes ?? 0 };
  };

  // Before minute 0 the traffic is that of minute 0.
  const hasTraffic = (minute: number) => isWithin(traffic, Math.max(0, minute));
  let next = Number.NEGATIVE_INFINITY;
  return (minute: number): ScheduledCall[] => {
    if (!hasTraffic(minute)) {
      next = Number.NEGATIVE_INFINITY;
      return [];
    }
    const calls: ScheduledCall[] = [];
    if (next < minute) next = minute + sampler.firstGap(traffic.calls_per_minute);
    // Without the margin, rounding errors would move a call at a full minute into the minute before.
    for (; next < minute + 1 - 1e-9; next += sampler.gap(traffic.calls_per_minute))
      calls.push(createCall(minute, next));
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
