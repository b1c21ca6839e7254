import { Duration, Stack } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { addAlarm } from './alarms/alarm.ts';
import type { AlarmContext } from './alarms/alarm-spec.ts';
import { addFleetAlarm } from './alarms/fleet-alarms.ts';
import { lineAlarms } from './alarms/line-alarms.ts';
import { selectAlarms } from './alarms/monitoring.ts';
import { addProbeAlarm } from './alarms/probe-alarm.ts';
import { addProviderAlarms } from './alarms/provider-alarms.ts';
import { addQueueAlarms } from './alarms/queue-alarms.ts';
import { ToolAlarms } from './alarms/tool-alarms.ts';
import { addDashboard } from './dashboard.ts';
import type { StoreLocation } from './database/store-location.ts';
import type { MonitoredTool } from './listed-tool.ts';
import { awsMetric } from './metrics.ts';
import { QUEUE_LIMITS, type QueueLimits } from './settings/alarm-settings.ts';
import { InvalidSettings, type SettingsInput, settingsFrom } from './settings.ts';
import { ToolStore } from './tool-store.ts';
import { invalidToolDefinitions } from './tools/invalid-definitions.ts';
import { allowAlarmsToPublish, SEVERITIES, type Severity, Topics } from './topics.ts';

/** A tool of another app: its function writes lines through `toolwatch/observe`, or in the format of docs/line.md. */
export interface ObservedTool extends MonitoredTool {
  /** Adds the alarm that the platform kills it, which leaves no line. */
  readonly function?: lambda.IFunction;
}

/** A queue of work, of the stack or imported, with the same alarms as the queues of the settings. */
export interface ObservedQueue extends Partial<QueueLimits> {
  /** In its alarms' names. */
  readonly name: string;
  readonly queue: sqs.IQueue;
  readonly owner?: string;
}

export interface ToolObservabilityProps {
  readonly tools: readonly ObservedTool[];
  readonly queues?: readonly ObservedQueue[];
  /** The name of the log group that the tools' functions write to: JSON at INFO, class STANDARD. */
  readonly callLogName: string;
  /**
   * Topics of your own; CloudWatch must be allowed to publish to them. Default: new ones, with the recipients of the
   * settings.
   */
  readonly topics?: Readonly<Record<Severity, sns.ITopic>>;
  /** As in cdk.json; those for the deployment of tools have no effect. */
  readonly settings?: SettingsInput;
  /** A network and a database in which calls are stored and summarised. Default: they are not stored. */
  readonly store?: StoreLocation;
}

/** For an app that deploys its tools itself: their alarms, topics and dashboard, and optionally the store. */
export class ToolObservability extends Construct {
  readonly topics: Readonly<Record<Severity, sns.ITopic>>;

  constructor(
    scope: Construct,
    id: string,
    { tools, queues = [], callLogName, store, ...props }: ToolObservabilityProps,
  ) {
    super(scope, id);
    const problems = invalidToolDefinitions(tools);
    if (problems.length > 0) throw new InvalidSettings(problems.join('\n'));
    const settings = { ...settingsFrom(props.settings ?? {}), callLogName };
    const topics = props.topics
      ? { bySeverity: props.topics, undelivered: undefined }
      : new Topics(this, 'Topics', settings);
    this.topics = topics.bySeverity;
    if (props.topics) this.allowPublishing(props.topics);
    const context = { settings, topics };

    const sharedProviders = addProviderAlarms(this, context, tools);
    for (const tool of tools) {
      new ToolAlarms(this, tool.name, { ...context, facts: tool, sharedProviders });
      if (tool.function) addKilledAlarm(this, context, tool, tool.function);
    }
    addFleetAlarm(this, context);
    for (const { queue, ...limits } of queues) {
      addQueueAlarms(this, context, { ...QUEUE_LIMITS, ...limits, queueName: queue.queueName });
    }
    for (const queue of settings.queues) addQueueAlarms(this, context, { ...queue, queueName: queue.name });
    for (const probe of settings.probes) addProbeAlarm(this, context, probe);
    addDashboard(this, { settings, tools: tools.map((facts) => ({ facts })) });
    if (store) {
      new ToolStore(this, 'Store', { ...store, ...context, tools, callLogName });
    } else {
      const specs = selectAlarms(settings, lineAlarms({ settings, completeness: false }));
      for (const spec of specs) addAlarm(this, context, spec);
    }
  }

  private allowPublishing(topics: Readonly<Record<Severity, sns.ITopic>>): void {
    for (const severity of SEVERITIES) {
      const topic = topics[severity];
      // The policy of a topic in another stack is not ours to change.
      if (Stack.of(topic) === Stack.of(this)) allowAlarmsToPublish(this, topic);
    }
  }
}

/** Without our gateway nothing writes a line for a function that the platform killed, so its own metric is watched. */
function addKilledAlarm(
  scope: Construct,
  context: AlarmContext,
  { name, alarms }: MonitoredTool,
  fn: lambda.IFunction,
): void {
  addAlarm(scope, context, {
    name: `tool/${name}/killed`,
    severity: 'critical',
    owner: alarms.owner,
    means: `The function of ${name} runs out of time or memory, or throws outside its wrapper: no line is written.`,
    metric: awsMetric(
      'AWS/Lambda',
      'Errors',
      { FunctionName: fn.functionName },
      { statistic: 'Sum', period: Duration.minutes(5) },
    ),
    threshold: (alarms.minErrors ?? 3) - 1,
    badWindows: 2,
    windows: 3,
  });
}
