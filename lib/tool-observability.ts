import { Duration, Stack } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type AlarmContext, addAlarm } from './alarms/alarm.ts';
import { addFleetAlarm } from './alarms/fleet-alarms.ts';
import { selectAlarms } from './alarms/monitoring.ts';
import { lineAlarms } from './alarms/pipeline-specs.ts';
import { addProbeAlarm } from './alarms/probe-alarm.ts';
import { addProviderAlarms } from './alarms/provider-alarms.ts';
import { addQueueAlarms } from './alarms/queue-alarms.ts';
import { ToolAlarms } from './alarms/tool-alarms.ts';
import { addDashboard } from './dashboard.ts';
import type { StoreLocation } from './database/store-location.ts';
import type { MonitoredTool } from './listed-tool.ts';
import { awsMetric } from './metrics.ts';
import { InvalidSettings, QUEUE_LIMITS, type QueueLimits, type SettingsInput, settingsFrom } from './settings.ts';
import { ToolStore } from './tool-store.ts';
import { invalidToolDefinitions } from './tools/invalid-definitions.ts';
import { allowAlarmsToPublish, SEVERITIES, type Severity, Topics } from './topics.ts';

/** A tool whose function is somebody else's: it writes its lines through `toolwatch/observe`, or by the rules of docs/line.md. */
export interface ObservedTool extends MonitoredTool {
  /** Watched for being killed, which leaves no line. */
  readonly function?: lambda.IFunction;
}

/** A queue of work, of the stack or imported, that is watched as those of the settings are. */
export interface ObservedQueue extends Partial<QueueLimits> {
  /** In its alarms' names. */
  readonly name: string;
  readonly queue: sqs.IQueue;
  readonly owner?: string;
}

export interface ToolObservabilityProps {
  readonly tools: readonly ObservedTool[];
  readonly queues?: readonly ObservedQueue[];
  /** Where the tools' functions write, by its name; JSON at INFO, class STANDARD. */
  readonly callLogName: string;
  /** Yours; they must let CloudWatch publish. Without them there are new ones, told to whom the settings say. */
  readonly topics?: Readonly<Record<Severity, sns.ITopic>>;
  /** As in cdk.json; what concerns the deployment of tools is not used. */
  readonly settings?: SettingsInput;
  /** With a network and a database, calls are stored and summarised too. */
  readonly store?: StoreLocation;
}

/** For an app that has its tools already: their alarms, topics and dashboard, and the store if it is wanted. */
export class ToolObservability extends Construct {
  readonly topics: Readonly<Record<Severity, sns.ITopic>>;

  constructor(
    scope: Construct,
    id: string,
    { tools, queues = [], callLogName, store, ...props }: ToolObservabilityProps,
  ) {
    super(scope, id);
    const wrong = invalidToolDefinitions(tools);
    if (wrong.length > 0) throw new InvalidSettings(wrong.join('\n'));
    const settings = { ...settingsFrom(props.settings ?? {}), callLogName };
    const topics = props.topics
      ? { bySeverity: props.topics, undelivered: undefined }
      : new Topics(this, 'Topics', settings);
    this.topics = topics.bySeverity;
    if (props.topics) this.letAlarmsPublishTo(props.topics);
    const context = { settings, topics };

    const sharedProviders = addProviderAlarms(this, context, tools);
    for (const tool of tools) {
      new ToolAlarms(this, tool.name, { ...context, facts: tool, sharedProviders });
      if (tool.function) addKilledAlarm(this, context, tool, tool.function);
    }
    addFleetAlarm(this, context);
    for (const { queue, ...watched } of queues) {
      addQueueAlarms(this, context, { ...QUEUE_LIMITS, ...watched, queueName: queue.queueName });
    }
    for (const queue of settings.queues) addQueueAlarms(this, context, { ...queue, queueName: queue.name });
    for (const probe of settings.probes) addProbeAlarm(this, context, probe);
    addDashboard(this, { settings, tools: tools.map((facts) => ({ facts })) });
    if (store) new ToolStore(this, 'Store', { ...store, ...context, tools, callLogName });
    else
      for (const promise of selectAlarms(settings, lineAlarms({ settings, completeness: false })))
        addAlarm(this, context, promise);
  }

  private letAlarmsPublishTo(topics: Readonly<Record<Severity, sns.ITopic>>): void {
    for (const severity of SEVERITIES) {
      const topic = topics[severity];
      // A topic of another stack keeps its own policy; ours to change are those that stand in this one.
      if (Stack.of(topic) === Stack.of(this)) allowAlarmsToPublish(this, topic);
    }
  }
}

/** Nobody writes a line for a function that was killed, unless a gateway stands before it. */
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
    means: `The function of ${name} is killed, by time or memory, or throws past its wrapper: such calls write no line.`,
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
