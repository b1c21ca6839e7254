import { Annotations, Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Severity } from '../lambdas/contract/severity.ts';
import { addAlarm } from './alarms/alarm.ts';
import { listAlarmNames } from './alarms/alarm-names.ts';
import type { AlarmContext } from './alarms/alarm-spec.ts';
import { addCallerFaultAlarm } from './alarms/caller-fault-alarm.ts';
import { addFleetAlarm } from './alarms/fleet-alarms.ts';
import { lineAlarms } from './alarms/line-alarms.ts';
import { selectAlarms } from './alarms/monitoring.ts';
import { addMute } from './alarms/mute.ts';
import { addProbeAlarm } from './alarms/probe-alarm.ts';
import { addProviderAlarms } from './alarms/provider-alarms.ts';
import { addQueueAlarms } from './alarms/queue-alarms.ts';
import { ToolAlarms } from './alarms/tool-alarms.ts';
import { addDashboard } from './dashboard.ts';
import type { StoreLocation } from './database/store-location.ts';
import { useTopics } from './existing/existing-topics.ts';
import { metricNameOf, unqualified } from './existing/function-name.ts';
import { validateLogGroupName } from './existing/log-group-name.ts';
import { requireHere } from './existing/place.ts';
import { validateExisting } from './existing/validate-existing.ts';
import type { MonitoredTool } from './listed-tool.ts';
import { awsMetric } from './metrics.ts';
import { applyOrganizationRules } from './organization/rules.ts';
import { invalidQueues, QUEUE_LIMITS, type QueueLimits } from './settings/alarm-settings.ts';
import { InvalidSettings, type Settings, type SettingsInput, settingsFrom } from './settings.ts';
import { ToolStore } from './tool-store.ts';
import { invalidToolDefinitions } from './tools/invalid-definitions.ts';
import { severitiesWithRecipients, Topics, warnOfNoRecipients } from './topics.ts';

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
   * Topics of your own, which may be one. CloudWatch must be allowed to publish to one that is imported; to others it
   * is allowed here. Default: new ones, with the recipients of the settings.
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

  constructor(scope: Construct, id: string, props: ToolObservabilityProps) {
    super(scope, id);
    const { tools, callLogName, store } = props;
    const settings = { ...validate(props), callLogName };
    const topics = props.topics ? useTopics(this, props.topics) : new Topics(this, 'Topics', settings);
    this.topics = topics.bySeverity;
    if (!props.topics) this.warnWithoutRecipients(settings);
    const context = { settings, topics };

    this.addToolAlarms(context, tools);
    addFleetAlarm(this, context);
    for (const { queue, ...limits } of props.queues ?? []) {
      requireHere(this, { what: `The queue ${limits.name}`, resource: queue, because: NO_METRICS });
      addQueueAlarms(this, context, { ...QUEUE_LIMITS, ...limits, queueName: queue.queueName });
    }
    for (const queue of settings.queues) addQueueAlarms(this, context, { ...queue, queueName: queue.name });
    for (const probe of settings.probes) addProbeAlarm(this, context, probe);
    addDashboard(this, {
      settings,
      tools: tools.map((facts) => ({ facts })),
      ingest: store !== undefined,
      completeness: false,
    });
    if (store) {
      new ToolStore(this, 'Store', { ...store, ...context, tools, callLogName });
    } else {
      const specs = selectAlarms(settings, lineAlarms({ settings, completeness: false }));
      for (const spec of specs) addAlarm(this, context, spec);
    }
    applyOrganizationRules(this, settings);
    for (const mute of settings.mutes) addMute(this, settings, mute, listAlarmNames(this));
    validateExisting(this, { settings, tools });
  }

  private addToolAlarms(context: AlarmContext & { settings: Settings }, tools: readonly ObservedTool[]): void {
    const sharedProviders = addProviderAlarms(this, context, tools);
    for (const tool of tools) {
      const { name, alarms } = tool;
      const own = new ToolAlarms(this, toolId(name), { ...context, facts: tool, sharedProviders });
      if (context.settings.alarms.callerFaultShift) addCallerFaultAlarm(own, context, name, alarms.owner);
      if (!tool.function) continue;
      const resource = unqualified(tool.function);
      requireHere(this, { what: `The function of the tool ${name}`, resource, because: NO_METRICS });
      addKilledAlarm(this, context, tool, metricNameOf(name, tool.function));
    }
  }

  private warnWithoutRecipients(settings: Settings): void {
    const warning = warnOfNoRecipients(settings);
    if (warning) Annotations.of(this).addWarningV2('toolwatch:noRecipients', warning);
  }
}

const NO_METRICS = 'an alarm only reads metrics of its own';

/** Ids of other children, which stay what they are because a new id replaces an alarm. */
const TAKEN_IDS = /^(Topics|Dashboard|Store|Mute-.*|(tool|provider|queue|probe|fleet|pipeline)-.*)$/;
/** Also of no property that every object has: constructs look for their children in an object. */
const toolId = (name: string): string => (TAKEN_IDS.test(name) || name in {} ? `Tool-${name}` : name);

/** The settings. Throws `InvalidSettings` when what is observed cannot be, in sentences that say what to write. */
function validate({
  tools,
  queues = [],
  callLogName,
  topics,
  store,
  settings: input = {},
}: ToolObservabilityProps): Settings {
  const settings = settingsFrom(input);
  const named = queues.map(({ queue: _, ...limits }) => limits);
  const problems = [
    ...invalidToolDefinitions(tools),
    ...invalidQueues([...named, ...settings.queues]),
    ...(topics && severitiesWithRecipients(settings).length > 0
      ? [
          'Setting alerts: it has no effect beside topics of your own; subscribe its recipients to those, or leave it out.',
        ]
      : []),
  ];
  if (settings.network) {
    problems.push('Setting network: it only applies to a deployment with its own gateway; state it in store.');
  }
  if (settings.keys.payloads !== undefined || settings.keys.database !== undefined) {
    problems.push('Setting keys: database and bucket are those of store, with their own keys; write logs only.');
  }
  if (settings.alarms.errors24h && !store) {
    problems.push('Setting alarms.errors24h: the store counts the failures; give one, or leave it out.');
  }
  if (problems.length > 0) throw new InvalidSettings(problems.join('\n'));
  validateLogGroupName(callLogName);
  return settings;
}

/** Without our gateway nothing writes a line for a function that the platform killed, so its own metric is watched. */
function addKilledAlarm(
  scope: Construct,
  context: AlarmContext,
  { name, alarms }: MonitoredTool,
  functionName: string,
): void {
  addAlarm(scope, context, {
    name: `tool/${name}/killed`,
    severity: 'critical',
    owner: alarms.owner,
    means: `The function of ${name} runs out of time or memory, or throws outside its wrapper: no line is written.`,
    metric: awsMetric(
      'AWS/Lambda',
      'Errors',
      { FunctionName: functionName },
      { statistic: 'Sum', period: Duration.minutes(5) },
    ),
    threshold: (alarms.minErrors ?? 3) - 1,
    badWindows: 2,
    windows: 3,
  });
}
