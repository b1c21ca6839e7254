import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Severity } from '../../lambdas/contract/severity.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { callFlagMetric, callMetric } from '../metrics.ts';
import { InvalidSettings, type Settings } from '../settings.ts';

interface ToolHandleProps {
  readonly settings: Settings;
  readonly name: string;
  readonly topics: Readonly<Record<Severity, sns.ITopic>>;
  readonly listAlarms: () => ReadonlyMap<string, cloudwatch.IAlarm>;
}

const FIVE_MINUTES = Duration.minutes(5);

/** What a construct made for one tool, and the tool's metrics: over five minutes, unless the options say otherwise. */
export class ToolHandle {
  readonly name: string;
  /** The topics that its alarms notify. */
  readonly topics: Readonly<Record<Severity, sns.ITopic>>;
  readonly #settings: Settings;
  readonly #listAlarms: ToolHandleProps['listAlarms'];

  constructor({ settings, name, topics, listAlarms }: ToolHandleProps) {
    this.name = name;
    this.topics = topics;
    this.#settings = settings;
    this.#listAlarms = listAlarms;
  }

  /** Its alarms by their conditions, such as `failing`. */
  get alarms(): Readonly<Record<string, cloudwatch.IAlarm>> {
    const prefix = `tool/${this.name}/`;
    return Object.fromEntries(
      [...this.#listAlarms()].flatMap(([name, alarm]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), alarm] as const] : [],
      ),
    );
  }

  /** How many calls ended. */
  metricCalls(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#metric('duration', 'SampleCount', options);
  }

  /** How many calls failed, and not by the caller's fault. */
  metricErrors(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#metric('error', 'Sum', options);
  }

  /** The share that failed, 0 to 1, of the calls that did not fail by their caller's fault. */
  metricErrorRate(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#metric('error', 'Average', options);
  }

  /** How long calls took on average, in milliseconds; with `statistic: 'p95'` as the alarms read it. */
  metricDuration(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#metric('duration', 'Average', options);
  }

  /** How many calls failed by the caller's fault. Throws `InvalidSettings` where that is no metric. */
  metricCallerErrors(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!this.#settings.alarms.callerFaultShift) {
      throw new InvalidSettings(
        `The tool ${this.name}: the caller's faults are a metric only with the setting alarms.callerFaultShift; write it.`,
      );
    }
    const reading = { statistic: 'Sum', period: FIVE_MINUTES, ...options };
    return callFlagMetric(deploymentNameOf(this.#settings), this.name, 'callerError', reading);
  }

  #metric(metric: 'error' | 'duration', statistic: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const reading = { statistic, period: FIVE_MINUTES, ...options };
    return callMetric(deploymentNameOf(this.#settings), this.name, metric, reading);
  }
}
