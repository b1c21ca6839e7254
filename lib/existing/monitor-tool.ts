import type { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { AlarmFacts } from '../../lambdas/contract/tool-facts.ts';
import { InvalidSettings } from '../settings.ts';
import type { ObservedTool } from './observability-props.ts';

/** A tool in the words of cdk-monitoring-constructs, beside our own. */
export interface MonitorToolOptions extends Omit<ObservedTool, 'name' | 'function' | 'alarms'> {
  /** The tool's name on its lines, and in its alarms' names. */
  readonly alarmFriendlyName: string;
  /** `errorRate`: the share of calls, 0 to 1, that may fail. The caller's faults do not count. */
  readonly addFaultRateAlarm?: { readonly Critical: { readonly maxErrorRate: number } };
  /** `p95Ms` and `criticalP95Ms`. */
  readonly addLatencyP95Alarm?: {
    readonly Warning?: { readonly maxLatency: Duration };
    readonly Critical?: { readonly maxLatency: Duration };
  };
  /** `silentAfterMinutes`: no call at all for this long. */
  readonly addMinInvocationsCountAlarm?: { readonly Critical: { readonly minCount: 1; readonly period: Duration } };
  /** What has no such word. */
  readonly alarms?: AlarmFacts;
}

/** Words of cdk-monitoring-constructs that are no alarms of ours, and what to write instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  addLatencyP50Alarm: 'addLatencyP95Alarm',
  addLatencyP90Alarm: 'addLatencyP95Alarm',
  addLatencyP99Alarm: 'addLatencyP95Alarm',
  addMaxLatencyAlarm: 'addLatencyP95Alarm',
  addFaultCountAlarm: 'addFaultRateAlarm, and alarms.minErrors',
  addLowTpsAlarm: 'addMinInvocationsCountAlarm',
};

/** The severities under which each word has a meaning. */
const SEVERITIES_OF: Readonly<Record<string, readonly string[]>> = {
  addFaultRateAlarm: ['Critical'],
  addLatencyP95Alarm: ['Warning', 'Critical'],
  addMinInvocationsCountAlarm: ['Critical'],
};

function findProblems(options: MonitorToolOptions): string[] {
  const words = Object.entries(options).filter(([word]) => /^add.*Alarm$/.test(word));
  const unknown = words
    .filter(([word]) => !(word in SEVERITIES_OF))
    .map(([word]) => `there is no ${word}; write ${INSTEAD[word] ?? 'addAlarm of ToolObservability'}`);
  const severities = words.flatMap(([word, thresholds]) =>
    Object.keys(thresholds ?? {})
      .filter((severity) => SEVERITIES_OF[word] && !SEVERITIES_OF[word].includes(severity))
      .map((severity) => `${word} has no ${severity}; write ${SEVERITIES_OF[word]?.join(' or ')}`),
  );
  const minCount: number = options.addMinInvocationsCountAlarm?.Critical.minCount ?? 1;
  const silence = minCount === 1 ? [] : ['addMinInvocationsCountAlarm is about no call at all; write minCount: 1'];
  return [...unknown, ...severities, ...silence];
}

/**
 * One of `tools`, as users of cdk-monitoring-constructs would write it. Every tool has all of its alarms; these words
 * only set their thresholds. Throws `InvalidSettings` for words that would be ignored.
 */
export function monitorTool(fn: lambda.IFunction, options: MonitorToolOptions): ObservedTool {
  const problems = findProblems(options);
  if (problems.length > 0) {
    throw new InvalidSettings(
      problems.map((problem) => `The tool ${options.alarmFriendlyName}: ${problem}.`).join('\n'),
    );
  }
  const {
    alarmFriendlyName,
    addFaultRateAlarm,
    addLatencyP95Alarm: latency,
    addMinInvocationsCountAlarm: silence,
    alarms,
    ...more
  } = options;
  return {
    ...more,
    name: alarmFriendlyName,
    function: fn,
    alarms: {
      ...(addFaultRateAlarm && { errorRate: addFaultRateAlarm.Critical.maxErrorRate }),
      ...(latency?.Warning && { p95Ms: latency.Warning.maxLatency.toMilliseconds() }),
      ...(latency?.Critical && { criticalP95Ms: latency.Critical.maxLatency.toMilliseconds() }),
      ...(silence && { silentAfterMinutes: silence.Critical.period.toMinutes() }),
      ...alarms,
    },
  };
}
