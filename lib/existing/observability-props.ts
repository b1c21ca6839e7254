import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { StoreLocation } from '../database/store-location.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import type { AppMetric } from '../metric-audit/metric-problems.ts';
import { invalidQueues, type QueueLimits } from '../settings/alarm-settings.ts';
import { InvalidSettings, type Settings, type SettingsInput, settingsFrom } from '../settings.ts';
import { invalidToolDefinitions } from '../tools/invalid-definitions.ts';
import { type OwnTopics, severitiesWithRecipients } from '../topics.ts';
import { validateLogGroupName } from './log-group-name.ts';

/** A tool of another app: its function writes lines through `toolwatch/observe`, or in the format of docs/line.md. */
export interface ObservedTool extends MonitoredTool {
  /** Adds the alarms that the platform kills it, which leaves no line, and that it runs and its lines are missing. */
  readonly function?: lambda.IFunction;
  /**
   * Whether each run of the function is a call of one of its tools, and so writes a line. `false` where it also does
   * other work: that its lines are missing is then not noticed. Default `true`.
   */
  readonly everyRunIsACall?: boolean;
  /** Topics that its alarms notify instead of the construct's, each in place of that of its severity. */
  readonly topics?: OwnTopics;
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
   * is allowed here. A severity without one has a new topic, with its recipients of the settings.
   */
  readonly topics?: OwnTopics;
  /** As in cdk.json; those for the deployment of tools have no effect. */
  readonly settings?: SettingsInput;
  /** A network and a database in which calls are stored and summarised. Default `false`: they are not stored. */
  readonly store?: StoreLocation | false;
  /** Metrics that alarms of `addAlarm` may read beside ours and those of AWS that ours read. */
  readonly appMetrics?: readonly AppMetric[];
}

/** The settings. Throws `InvalidSettings` when what is observed cannot be, in sentences that say what to write. */
export function validateProps({
  tools,
  queues = [],
  callLogName,
  topics = {},
  settings: input = {},
}: ToolObservabilityProps): Settings {
  // IAM admits whoever reads here: an app has its own front door, and people who sign in at it.
  const settings = settingsFrom({ frontDoor: { kind: 'function-url' }, ...input });
  const named = queues.map(({ queue: _, ...limits }) => limits);
  const problems = [
    ...invalidToolDefinitions(tools),
    ...invalidQueues([...named, ...settings.queues]),
    ...severitiesWithRecipients(settings)
      .filter((severity) => topics[severity])
      .map(
        (severity) =>
          `Setting alerts.${severity}: it has no effect beside a topic of your own; subscribe its recipients to that, ` +
          'or leave it out.',
      ),
  ];
  if (settings.network) {
    problems.push('Setting network: it only applies to a deployment with its own gateway; state it in store.');
  }
  if (settings.jobs || settings.hooks.length > 0) {
    problems.push(
      'Settings jobs and hooks: a worker makes jobs by calling tools through ours, and an app of your own has none; ' +
        'leave them out.',
    );
  }
  if ((['payloads', 'database', 'secrets'] as const).some((use) => settings.keys[use] !== undefined)) {
    problems.push(
      'Setting keys: database and bucket are those of store, with their own keys, and there are no secrets; ' +
        'write logs and queues only.',
    );
  }
  if (settings.callLogName !== undefined || Object.values(settings.topics).some(Boolean)) {
    problems.push('Settings callLogName and topics: both are stated beside settings here; write them there.');
  }
  if (settings.alerts.channels.length > 0) {
    problems.push(
      'Setting alerts.channels: the notifier writes to channels, and an app of your own has none; subscribe them to a ' +
        'topic, or leave them out.',
    );
  }
  if (problems.length > 0) throw new InvalidSettings(problems.join('\n'));
  validateLogGroupName(callLogName);
  return settings;
}
