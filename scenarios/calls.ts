import type { ErrorCode, Fault } from '../lambdas/contract/invocation.ts';
import { type Chance, chanceOf } from './chance.ts';
import { isWithin, matches, type Scenario, type TimeWindow, type Traffic } from './scenario.ts';

/** A call that a scenario makes. */
export interface Call {
  tool: string;
  /** When it ended, in milliseconds. */
  endedAt: number;
  ms: number;
  failure: { code: ErrorCode; fault: Fault } | undefined;
  /** The platform ended its process. */
  killed: boolean;
  /** What becomes of its line. */
  line: 'whole' | 'cut' | 'invalid' | 'unwritten' | 'lossy';
}

const MINUTE_MS = 60_000;

/** Who is at fault when nothing says otherwise, as docs/line.md has it. */
const FAULT_OF: Record<ErrorCode, Fault> = {
  INVALID_INPUT: 'caller',
  UNAUTHORIZED: 'caller',
  RATE_LIMITED: 'dependency',
  TIMEOUT: 'dependency',
  UPSTREAM_ERROR: 'dependency',
  INTERNAL_ERROR: 'ours',
};

/** Chooses among what holds now, each as often as its share says; nothing for the rest. */
const chooser = <One extends TimeWindow & { share: number }>(ones: readonly One[], chance: Chance) => {
  const choose = chance.chooser(ones.length);
  return (minute: number): One | undefined =>
    ones[choose(ones.map((one) => (minute >= 0 && isWithin(one, minute) ? one.share : 0)))];
};

/** One tool's calls of one kind, minute by minute: each with how many minutes late its line arrives. */
const caller = (tool: string, one: Traffic, chance: Chance, startsAt: number) => {
  const failureAt = chooser(one.failures, chance);
  const slowAt = chooser(one.slow, chance);
  const lateAt = chooser(one.late, chance);
  const brokenAt = chooser(one.broken, chance);
  const usual = chance.durations(one.ms, one.p95_ms);

  const callAt = (minute: number, at: number): [Call, number] => {
    const failed = failureAt(minute);
    const ms = failed ? (failed.ms ?? usual()) : (slowAt(minute)?.ms ?? usual());
    const { code, fault = failed?.killed ? 'platform' : FAULT_OF[failed?.code ?? 'INTERNAL_ERROR'] } = failed ?? {};
    const call: Call = {
      tool,
      endedAt: startsAt + at * MINUTE_MS,
      ms,
      failure: code && { code, fault },
      killed: failed?.killed ?? false,
      line: brokenAt(minute)?.how ?? 'whole',
    };
    return [call, lateAt(minute)?.minutes ?? 0];
  };

  // Before minute 0 there is what minute 0 will have.
  const isOn = (minute: number) => isWithin(one, Math.max(0, minute));
  let next = Number.NEGATIVE_INFINITY;
  return (minute: number): [Call, number][] => {
    if (!isOn(minute)) {
      next = Number.NEGATIVE_INFINITY;
      return [];
    }
    const calls: [Call, number][] = [];
    if (next < minute) next = minute + chance.firstGap(one.calls_per_minute);
    for (; next < minute + 1 - 1e-9; next += chance.gap(one.calls_per_minute)) calls.push(callAt(minute, next));
    return calls;
  };
};

/** What one minute brings: the calls made in it, and those whose lines arrive in it. */
export interface Arrivals {
  made: Call[];
  recorded: Call[];
}

/** Gives the calls of one minute after the other. Throws for traffic of a tool nobody has. */
export const callsOf = ({ traffic, seed }: Scenario, tools: readonly string[], startsAt: number) => {
  const callers = traffic.flatMap((one, index) => {
    const meant = tools.filter((tool) => matches(one.tool, tool));
    if (meant.length === 0) throw new Error(`No tool is called ${one.tool}`);
    return meant.map((tool, at) => caller(tool, one, chanceOf(seed, index * 1_000 + at), startsAt));
  });
  const waiting = new Map<number, Call[]>();
  return (minute: number): Arrivals => {
    const made = callers.flatMap((calls) => calls(minute));
    for (const [call, late] of made) {
      const there = waiting.get(minute + late) ?? [];
      there.push(call);
      waiting.set(minute + late, there);
    }
    const told = waiting.get(minute) ?? [];
    waiting.delete(minute);
    return { made: made.map(([call]) => call), recorded: told };
  };
};
