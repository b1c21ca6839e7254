import { Annotations, Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Severity } from '../lambdas/contract/severity.ts';
import { addAlarm, alarmName } from './alarms/alarm.ts';
import { listAlarmNames, listAlarms } from './alarms/alarm-names.ts';
import type { AlarmContext } from './alarms/alarm-spec.ts';
import { addCallerFaultAlarm } from './alarms/caller-fault-alarm.ts';
import { lineAlarms } from './alarms/line-alarms.ts';
import { selectAlarms } from './alarms/monitoring.ts';
import { addMute } from './alarms/mute.ts';
import { addProbeAlarm } from './alarms/probe-alarm.ts';
import { addProviderAlarms } from './alarms/provider-alarms.ts';
import { addQueueAlarms } from './alarms/queue-alarms.ts';
import { ToolAlarms } from './alarms/tool-alarms.ts';
import { addUnrecordedAlarms } from './alarms/unrecorded-alarms.ts';
import { addVerdictAlarms } from './alarms/verdict-alarms.ts';
import type { CallLogSettings } from './call-log-name.ts';
import { addDashboard } from './dashboard/dashboard.ts';
import { findCountedFunctions } from './existing/counted-functions.ts';
import { adoptTopics } from './existing/existing-topics.ts';
import { metricNameOf, unqualified } from './existing/function-name.ts';
import { type ObservedTool, type ToolObservabilityProps, validateProps } from './existing/observability-props.ts';
import { type OwnAlarmProps, specOfOwn } from './existing/own-alarm.ts';
import { requireHere } from './existing/place.ts';
import { ToolHandle } from './existing/tool-handle.ts';
import { validateExisting } from './existing/validate-existing.ts';
import type { MonitoredTool } from './listed-tool.ts';
import { awsMetric } from './metrics.ts';
import { applyOrganizationRules } from './organization/rules.ts';
import { SavedQueries } from './saved-queries.ts';
import { QUEUE_LIMITS } from './settings/alarm-settings.ts';
import { InvalidSettings, type Settings } from './settings.ts';
import { ToolStore } from './tool-store.ts';
import { type OwnTopics, type SeverityTopics, Topics, warnOfNoRecipients } from './topics.ts';

export type { Severity } from '../lambdas/contract/severity.ts';
export type { AlarmFacts } from '../lambdas/contract/tool-facts.ts';
export type { StoreLocation } from './database/store-location.ts';
export { type MonitorToolOptions, monitorTool } from './existing/monitor-tool.ts';
export type { ObservedQueue, ObservedTool, ToolObservabilityProps } from './existing/observability-props.ts';
export type { OwnAlarmProps } from './existing/own-alarm.ts';
export type { ToolHandle } from './existing/tool-handle.ts';
export type { MonitoredTool } from './listed-tool.ts';
export type { AppMetric } from './metric-audit/metric-problems.ts';
export type { QueueLimits } from './settings/alarm-settings.ts';
export { InvalidSettings, type SettingsInput } from './settings.ts';
export type { OwnTopics } from './topics.ts';

type ExistingSettings = Settings & CallLogSettings;

/** For an app that deploys its tools itself: their alarms, topics and dashboard, and optionally the store. */
export class ToolObservability extends Construct {
  /** The topics that alarms notify, but for those of tools that have their own. */
  readonly topics: Readonly<Record<Severity, sns.ITopic>>;
  /** None with the setting `monitoring` of `lean`. */
  readonly dashboard: cloudwatch.Dashboard | undefined;
  /** The address of the API; none without a store. Callers sign their requests with IAM. */
  readonly apiUrl: string | undefined;
  readonly #context: AlarmContext & { readonly settings: ExistingSettings };
  readonly #tools = new Map<string, { readonly tool: ObservedTool; readonly topics: SeverityTopics }>();

  constructor(scope: Construct, id: string, props: ToolObservabilityProps) {
    super(scope, id);
    const { tools, callLogName, store } = props;
    const settings = { ...validateProps(props), callLogName };
    const topics = new Topics(this, 'Topics', settings, adoptTopics(this, props.topics ?? {}));
    this.topics = topics.bySeverity;
    if (!props.topics?.critical) this.warnWithoutRecipients(settings);
    const context = { settings, topics };
    this.#context = context;

    for (const tool of tools) this.#tools.set(tool.name, { tool, topics: this.topicsOf(tool, topics) });
    this.addToolAlarms(tools);
    this.addQueueAlarms(props);
    for (const probe of settings.probes) addProbeAlarm(this, context, probe);
    this.dashboard = addDashboard(this, {
      settings,
      tools: tools.map((facts) => ({ facts })),
      ingest: Boolean(store),
      completeness: false,
    });
    new SavedQueries(this, 'SavedQueries', settings);
    if (store) {
      addVerdictAlarms(this, context);
      const measured = [...this.#tools.values()].flatMap((tool) => tool.topics.measured);
      const allTopics = { ...topics, measured: [...topics.measured, ...measured] };
      this.apiUrl = new ToolStore(this, 'Store', { ...store, settings, topics: allTopics, tools, callLogName }).apiUrl;
    } else {
      const specs = selectAlarms(settings, lineAlarms({ settings, completeness: false }));
      for (const spec of specs) addAlarm(this, context, spec);
    }
    applyOrganizationRules(this, settings);
    for (const mute of settings.mutes) addMute(this, settings, mute, listAlarmNames(this));
    validateExisting(this, { settings, tools, appMetrics: props.appMetrics ?? [] });
  }

  /** All alarms, composites and those of `addAlarm` included, by their names in the runbook: `tool/checkout/failing`. */
  get alarms(): ReadonlyMap<string, cloudwatch.IAlarm> {
    const prefix = alarmName(this.#context.settings, '');
    return new Map([...listAlarms(this)].map(([name, alarm]) => [name.slice(prefix.length), alarm]));
  }

  /** The alarms of a condition by the tools that have one: `alarmsOn('failing').checkout`. */
  alarmsOn(condition: string): Readonly<Record<string, cloudwatch.IAlarm>> {
    return Object.fromEntries(
      [...this.#tools.keys()].flatMap((name) => {
        const alarm = this.alarms.get(`tool/${name}/${condition}`);
        return alarm ? [[name, alarm] as const] : [];
      }),
    );
  }

  /** What there is for one of `tools`: its alarms, topics and metrics. Throws `InvalidSettings` for another name. */
  tool(name: string): ToolHandle {
    const { topics } = this.findTool(name);
    const { settings } = this.#context;
    return new ToolHandle({ settings, name, topics: topics.bySeverity, listAlarms: () => this.alarms });
  }

  /**
   * Adds an alarm of the app's own, `own/<name>`, which notifies as ours do, and may be muted as they are. Throws
   * `InvalidSettings` for one that could not work; synthesis fails where nobody writes its metric.
   */
  addAlarm(name: string, props: OwnAlarmProps): cloudwatch.Alarm {
    const { settings } = this.#context;
    const spec = specOfOwn(name, props);
    if (this.alarms.has(spec.name)) {
      throw new InvalidSettings(`The alarm "${name}" is added twice; rename one of the two.`);
    }
    const about = props.tool === undefined ? undefined : this.findTool(props.tool);
    const context = { settings, topics: about?.topics ?? this.#context.topics };
    const alarm = addAlarm(this, context, { ...spec, owner: spec.owner ?? about?.tool.alarms.owner });
    for (const mute of settings.mutes) {
      addMute(this, settings, { ...mute, name: `${mute.name}-${name}` }, [alarmName(settings, spec.name)]);
    }
    return alarm;
  }

  private findTool(name: string) {
    const found = this.#tools.get(name);
    if (found) return found;
    const names = [...this.#tools.keys()].join(', ');
    throw new InvalidSettings(
      `There is no tool ${JSON.stringify(name)}; write ${names === '' ? 'it among tools' : `one of ${names}`}.`,
    );
  }

  private topicsOf({ topics: own }: ObservedTool, others: Topics): SeverityTopics {
    if (!own) return others;
    const adopted: OwnTopics = adoptTopics(this, own);
    const bySeverity = { ...others.bySeverity, ...adopted };
    return { ...others, bySeverity, measured: others.findMeasured(bySeverity) };
  }

  private addToolAlarms(tools: readonly ObservedTool[]): void {
    const { settings } = this.#context;
    addProviderAlarms(this, this.#context, tools);
    for (const { tool, topics } of this.#tools.values()) {
      const { name, alarms } = tool;
      const context = { settings, topics };
      const own = new ToolAlarms(this, toolId(name), { ...context, facts: tool });
      if (settings.alarms.callerFaultShift) addCallerFaultAlarm(own, context, name, alarms.owner);
      if (!tool.function) continue;
      const resource = unqualified(tool.function);
      requireHere(this, { what: `The function of the tool ${name}`, resource, because: NO_METRICS });
      addKilledAlarm(this, context, tool, metricNameOf(name, tool.function));
    }
    for (const counted of findCountedFunctions(this, tools)) {
      addUnrecordedAlarms(this, { settings, topics: this.findTool(counted.tools[0]).topics }, counted);
    }
  }

  private addQueueAlarms({ queues = [] }: ToolObservabilityProps): void {
    for (const { queue, ...limits } of queues) {
      requireHere(this, { what: `The queue ${limits.name}`, resource: queue, because: NO_METRICS });
      addQueueAlarms(this, this.#context, { ...QUEUE_LIMITS, ...limits, queueName: queue.queueName });
    }
    const { settings } = this.#context;
    for (const queue of settings.queues) addQueueAlarms(this, this.#context, { ...queue, queueName: queue.name });
  }

  private warnWithoutRecipients(settings: Settings): void {
    const warning = warnOfNoRecipients(settings);
    if (warning) Annotations.of(this).addWarningV2('toolwatch:noRecipients', warning);
  }
}

const NO_METRICS = 'an alarm only reads metrics of its own';

/** Ids of other children, which stay what they are because a new id replaces an alarm. */
const TAKEN_IDS = /^(Topics|Dashboard|SavedQueries|Store|Mute-.*|(tools?|provider|queue|probe|fleet|pipeline|own)-.*)$/;
/** Also of no property that every object has: constructs look for their children in an object. */
const toolId = (name: string): string => (TAKEN_IDS.test(name) || name in {} ? `Tool-${name}` : name);

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
