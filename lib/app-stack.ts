import * as cdk from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AlarmContext } from './alarms/alarm-spec.ts';
import { addChannelAlarms } from './alarms/channel-alarms.ts';
import { addDirectPath } from './alarms/direct-path.ts';
import { addMutes } from './alarms/mute.ts';
import { addNotifierAlarms } from './alarms/notifier-alarms.ts';
import { PipelineAlarms } from './alarms/pipeline-alarms.ts';
import { addProbeAlarm } from './alarms/probe-alarm.ts';
import { addProviderAlarms } from './alarms/provider-alarms.ts';
import { addQueueAlarms } from './alarms/queue-alarms.ts';
import { addRuleAlarms } from './alarms/rule-alarms.ts';
import { addVerdictAlarms } from './alarms/verdict-alarms.ts';
import { Api } from './api.ts';
import { addArchive } from './archive.ts';
import { createChannelQueues } from './channels/channel-queues.ts';
import { Deliver } from './channels/deliver.ts';
import { Checks } from './checks.ts';
import { Completeness } from './completeness.ts';
import { addDashboard } from './dashboard/dashboard.ts';
import type { DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';
import { addDrill } from './drill.ts';
import { adoptTopics, importTopics } from './existing/existing-topics.ts';
import { createFrontDoor, openFrontDoor } from './front-door.ts';
import { Gateway } from './gateway.ts';
import { addHooks } from './hooks.ts';
import { Ingest } from './ingest.ts';
import { addJobs } from './jobs.ts';
import { Migrate } from './migrate.ts';
import { Notify } from './notify.ts';
import { Operate } from './operate.ts';
import { Payloads } from './payloads.ts';
import { Refresh } from './refresh.ts';
import { addReport } from './report.ts';
import { Retention } from './retention.ts';
import { SavedQueries } from './saved-queries.ts';
import { SelfCheck } from './self-check.ts';
import type { Settings } from './settings.ts';
import { Smoke } from './smoke.ts';
import { SpanExport } from './span-export.ts';
import { Sql } from './sql.ts';
import { ToolGroups } from './tools/tool-groups.ts';
import { Topics, withInbox } from './topics.ts';
import { refuseLaterChange } from './unchangeable-setting.ts';

interface AppStackProps extends cdk.StackProps {
  readonly deployment: Omit<Deployment, 'network'>;
  readonly data: DataStack;
}

/**
 * gateway → tools → one line per call → log group ─┬→ metrics → alarms → notifier → topics
 *                                                  └→ ingest → database → refresh; api → page, reports
 */
export class AppStack extends cdk.Stack {
  constructor(scope: Construct, id: string, { deployment: given, data, ...props }: AppStackProps) {
    super(scope, id, props);
    const deployment = { ...given, network: data.networkOfOthers };
    const { settings } = deployment;
    const { calls, network, database, retainedPayloads, archivedCalls } = data;
    const store = { deployment, network, database };

    const recipients = new Topics(this, 'Topics', settings, adoptTopics(this, importTopics(this, settings)));
    const channels = createChannelQueues(this, deployment);
    const frontDoor = createFrontDoor(this, settings);
    const { tokens, httpApi } = frontDoor;
    const api = new Api(this, 'Api', { ...store, calls, runsChecks: true, tokens });
    const recipientsOf = { topics: recipients, channels, page: httpApi?.origin };
    const notify = new Notify(this, 'Notify', { deployment, ...recipientsOf, api: api.function, data });
    const operate = new Operate(this, 'Operate', {
      deployment,
      tokens,
      customNotices: notify.customNotices,
      table: notify.table,
    });
    const topics = withInbox(recipients, notify.inbox);
    const alarms = { settings, topics };

    const gateway = new Gateway(this, 'Gateway', { deployment, calls, tokens });
    const facts = deployment.tools.map((tool) => tool.facts);
    const providers = addProviderAlarms(this, alarms, facts);
    refuseOtherToolGroups(this, settings);
    const asked = { api: api.function, customNotices: notify.customNotices };
    const tools = new ToolGroups(this, 'Tools', { deployment, calls, topics, ...asked, providers });
    addOtherAlarms(this, alarms);
    const jobs = addJobs(this, { ...store, calls, alarms });
    const hooks = addHooks(this, { deployment, alarms, queue: jobs?.queue.queue });
    openFrontDoor(this, frontDoor, { gateway, api, operate, hooks, alarms });

    const refresh = new Refresh(this, 'Refresh', store);
    const lines = { calls, incidents: notify.logGroup, audit: operate.logGroup, evaluations: refresh.logGroup };
    const ingest = new Ingest(this, 'Ingest', { ...store, ...lines, retainedPayloads });
    const receiver = settings.openTelemetry;
    if (receiver) new SpanExport(this, 'SpanExport', { deployment, calls, alarms, receiver });
    const payloads = new Payloads(this, 'Payloads', { deployment, retainedPayloads });
    const retention = new Retention(this, 'Retention', store);
    const archive = addArchive(this, { ...store, archivedCalls });
    const completeness = new Completeness(this, 'Completeness', { deployment, api: api.function });
    const drill = addDrill(this, { deployment, alarms, channels, table: notify.table });
    const report = addReport(this, { deployment, alarms, ...asked, operate: operate.function });
    const checks = settings.checks.length > 0 ? new Checks(this, 'Checks', { deployment, calls }) : undefined;
    const stages = { payloads, refresh, retention, archive, completeness, drill, report, checks, worker: jobs, notify };
    const selfCheck = new SelfCheck(this, 'SelfCheck', { deployment, alarms, stages, table: notify.table });
    const schedules = [...Object.values(stages), selfCheck].flatMap((stage) => stage?.schedule ?? []);
    const sql = settings.sql ? [new Sql(this, 'Sql', store)] : [];
    const before = [ingest, refresh, retention, api, ...(archive ? [archive] : []), ...(jobs ? [jobs] : []), ...sql];
    const migrate = new Migrate(this, 'Migrate', { ...store, archives: archive !== undefined, before });
    const pipelineAlarms = new PipelineAlarms(this, 'PipelineAlarms', {
      ...alarms,
      filterName: ingest.filterName,
      gateway: gateway.function,
      ingest: ingest.function,
      refresh: refresh.function,
      retention: retention.function,
      archive: archive?.function,
      api: api.function,
      completeness: true,
      missedStarts: schedules.filter((schedule) => schedule !== jobs?.schedule).map(({ missedStarts }) => missedStarts),
      database: { ...database.server, isOurs: true },
    });

    if (channels.length > 0) new Deliver(this, 'Deliver', { deployment, calls, channels, table: notify.table });
    for (const channel of channels) addChannelAlarms(this, alarms, channel);
    const works = addNotifierAlarms(this, alarms, notify);
    addDirectPath(this, alarms, { inbox: notify.inbox, works });

    if (settings.smokeTest) {
      new Smoke(this, 'Smoke', {
        deployment,
        test: settings.smokeTest,
        topics,
        after: [recipients, notify, gateway, api, tools, ingest, refresh, retention, migrate, pipelineAlarms],
      });
    }

    addMutes(this, settings);
    addDashboard(this, { ...deployment, ingest: true, completeness: true });
    new SavedQueries(this, 'SavedQueries', settings);
  }
}

function refuseOtherToolGroups(scope: cdk.Stack, { toolGroups }: Settings): void {
  refuseLaterChange(scope, {
    parameter: 'ToolGroups',
    setting: 'toolGroups',
    value: String(toolGroups),
    because: 'tools would move to other stacks, and could not be created there while the old ones exist',
  });
}

/** The alarms on what refresh evaluates, and on the queues and probes of the settings. */
function addOtherAlarms(scope: Construct, alarms: { settings: Settings; topics: AlarmContext['topics'] }): void {
  addVerdictAlarms(scope, alarms);
  addRuleAlarms(scope, alarms);
  for (const queue of alarms.settings.queues) addQueueAlarms(scope, alarms, { ...queue, queueName: queue.name });
  for (const probe of alarms.settings.probes) addProbeAlarm(scope, alarms, probe);
}
