import type { Connection } from '../lambdas/contract/connections.ts';
import {
  findResource,
  type Resources,
  removeAction,
  removePermission,
  removeResource,
  removeResources,
  type TemplateEdit,
} from './template-edits.ts';

/** One way to break a connection on purpose. */
export interface Breakage {
  /** The NAME in `npm start -- --break NAME`. */
  name: string;
  connection: Connection;
  /** What the edit takes out of the template, for the terminal. */
  removed: string;
  edit: TemplateEdit;
}

interface SmokeTestVariables {
  SMOKE_TOOL: string;
  SMOKE_ALARM: string;
}

/** Which tool the deployment's smoke test calls, and which alarm it checks. */
const readSmokeTestVariables = (resources: Resources): SmokeTestVariables => {
  const { Environment } = findResource(resources, 'AWS::Lambda::Function', '"SMOKE_TOOL"').Properties;
  return (Environment as { Variables: SmokeTestVariables }).Variables;
};

const removeSmokeToolPermission =
  (action: string): TemplateEdit =>
  (resources) =>
    removePermission(`-tool-${readSmokeTestVariables(resources).SMOKE_TOOL}`, action)(resources);

/** The names, without the service, of the tools' functions that call the api function. */
const findToolsCallingApi = (resources: Resources): string[] =>
  Object.values(resources).flatMap(({ Type, Properties }) => {
    const callsApi = Type === 'AWS::Lambda::Function' && JSON.stringify(Properties).includes('"API_FUNCTION"');
    return callsApi ? (/-tool-.+$/.exec(String(Properties.FunctionName))?.[0] ?? []) : [];
  });

const findSmokeTestAlarm = (resources: Resources) => {
  const { SMOKE_ALARM } = readSmokeTestVariables(resources);
  return findResource(resources, 'AWS::CloudWatch::Alarm', `"AlarmName":"${SMOKE_ALARM}"`).Properties;
};

const removeSchedulePermission = (schedule: string): TemplateEdit =>
  removeAction('AWS::IAM::Role', `${schedule}ScheduleRole`, 'lambda:InvokeFunction');

/** At least one way to break each connection; the first is named after the connection. */
export const BREAKAGES: readonly Breakage[] = [
  {
    name: 'deployment-migrate',
    connection: 'deployment → migrate',
    removed: 'the deployment’s permission to invoke the migration',
    edit: removeAction('AWS::IAM::Role', 'AWSCDKTriggerCustomResourceProvider', 'lambda:InvokeFunction'),
  },
  {
    name: 'migrate-store',
    connection: 'migrate → store',
    removed: 'the migration’s permission to sign in to the database',
    edit: removePermission('-migrate', 'rds-db:connect'),
  },
  {
    name: 'client-gateway',
    connection: 'client → gateway',
    removed: 'the smoke test’s permission to invoke the gateway',
    edit: removePermission('-smoke', 'lambda:InvokeFunction'),
  },
  {
    name: 'gateway-tool',
    connection: 'gateway → tool',
    removed: 'the gateway’s permission to invoke tools',
    edit: removePermission('-gateway', 'lambda:InvokeFunction'),
  },
  {
    name: 'tool-log',
    connection: 'tool → log',
    removed: 'a tool’s permission to write its log',
    edit: removeSmokeToolPermission('logs:PutLogEvents'),
  },
  {
    name: 'log-metrics',
    connection: 'log → metrics',
    removed: 'the log group’s standard class, the only one from which metrics are extracted',
    edit: (resources) => {
      findResource(resources, 'AWS::Logs::LogGroup', '/calls"').Properties.LogGroupClass = 'INFREQUENT_ACCESS';
    },
  },
  {
    name: 'log-metrics-reader',
    connection: 'log → metrics',
    removed: 'the smoke test’s permission to read metrics',
    edit: removePermission('-smoke', 'cloudwatch:GetMetricData'),
  },
  {
    name: 'log-ingest',
    connection: 'log → ingest',
    removed: 'the permission of CloudWatch Logs to invoke ingest',
    edit: removeResource('AWS::Lambda::Permission', 'IngestFilter'),
  },
  {
    name: 'log-ingest-filter',
    connection: 'log → ingest',
    removed: 'the subscription filter',
    edit: removeResource('AWS::Logs::SubscriptionFilter', 'IngestFilter'),
  },
  {
    name: 'ingest-store',
    connection: 'ingest → store',
    removed: 'ingest’s permission to sign in to the database',
    edit: removePermission('-ingest', 'rds-db:connect'),
  },
  {
    name: 'api-store',
    connection: 'api → store',
    removed: 'the api’s permission to sign in to the database',
    edit: removePermission('-api', 'rds-db:connect'),
  },
  {
    name: 'metrics-alarm',
    connection: 'metrics → alarm',
    removed: 'the name of a tool’s alarm',
    edit: (resources) => {
      findSmokeTestAlarm(resources).AlarmName = 'another';
    },
  },
  {
    name: 'metrics-alarm-reader',
    connection: 'metrics → alarm',
    removed: 'the smoke test’s permission to read alarms',
    edit: removePermission('-smoke', 'cloudwatch:DescribeAlarms'),
  },
  {
    name: 'alarm-topic',
    connection: 'alarm → topic',
    removed: 'the topics’ policy statement that lets alarms publish',
    edit: (resources) => {
      for (const topic of ['NotifyCritical', 'NotifyWarning']) {
        removeAction('AWS::SNS::TopicPolicy', topic, 'sns:Publish')(resources);
      }
    },
  },
  {
    name: 'alarm-topic-action',
    connection: 'alarm → topic',
    removed: 'the actions of a tool’s alarm',
    edit: (resources) => {
      findSmokeTestAlarm(resources).AlarmActions = [];
    },
  },
  {
    name: 'alarm-topic-switch',
    connection: 'alarm → topic',
    removed: 'the switch that enables the actions of a tool’s alarm',
    edit: (resources) => {
      findSmokeTestAlarm(resources).ActionsEnabled = false;
    },
  },
  {
    name: 'topic-people',
    connection: 'topic → recipients',
    removed: 'every subscription of the topics',
    edit: removeResources('AWS::SNS::Subscription'),
  },
  {
    name: 'topic-people-reader',
    connection: 'topic → recipients',
    removed: 'the smoke test’s permission to list subscriptions',
    edit: removePermission('-smoke', 'sns:ListSubscriptionsByTopic'),
  },
  {
    name: 'ingest-retained',
    connection: 'ingest → retained payloads',
    removed: 'ingest’s permission to retain payloads that could not be stored',
    edit: removePermission('-ingest', 's3:PutObject'),
  },
  {
    name: 'schedule-payloads',
    connection: 'schedule → payloads',
    removed: 'the schedule’s permission to start the count of retained payloads',
    edit: removeSchedulePermission('Payloads'),
  },
  {
    name: 'payloads-retained',
    connection: 'payloads → retained payloads',
    removed: 'the permission to list the retained payloads',
    edit: removePermission('-payloads', 's3:ListBucket'),
  },
  {
    name: 'tool-api',
    connection: 'tool → api',
    removed: 'the telemetry tools’ permission to invoke the api',
    edit: (resources) => {
      for (const tool of findToolsCallingApi(resources)) removePermission(tool, 'lambda:InvokeFunction')(resources);
    },
  },
  {
    name: 'notifier-state',
    connection: 'notifier → state',
    removed: 'the notifier’s permission to write its state',
    edit: removePermission('-notify', 'dynamodb:PutItem'),
  },
  {
    name: 'topic-notifier',
    connection: 'topic → notifier',
    removed: 'the permission of the alarms’ topics to send to the notifier’s queue',
    edit: removeAction('AWS::SQS::QueuePolicy', 'NotifyQueue', 'sqs:SendMessage'),
  },
  {
    name: 'topic-notifier-queue',
    connection: 'topic → notifier',
    removed: 'the subscription of the notifier’s queue to the alarms’ topics',
    edit: removeResources('AWS::SNS::Subscription', '"sqs"'),
  },
  {
    name: 'notifier-topic',
    connection: 'notifier → topic',
    removed: 'the notifier’s permission to publish to people',
    edit: removePermission('-notify', 'sns:Publish'),
  },
  {
    name: 'schedule-notifier',
    connection: 'schedule → notifier',
    removed: 'the schedule’s permission to start the notifier',
    edit: removeSchedulePermission('Notify'),
  },
  {
    name: 'schedule-drill',
    connection: 'schedule → drill',
    removed: 'the schedule’s permission to start the weekly drill',
    edit: removeSchedulePermission('Drill'),
  },
  {
    name: 'drill-alarm',
    connection: 'drill → alarm',
    removed: 'the drill’s permission to write its log, from which its alarms’ metrics are extracted',
    edit: removePermission('-drill', 'logs:PutLogEvents'),
  },
  {
    name: 'drill-metrics',
    connection: 'drill → metrics',
    removed: 'the drill’s permission to read how many recipients were notified',
    edit: removePermission('-drill', 'cloudwatch:GetMetricData'),
  },
  {
    name: 'drill-recipients',
    connection: 'drill → recipients',
    removed: 'the drill’s permission to read who must be notified',
    edit: removePermission('-drill', 'sns:ListSubscriptionsByTopic'),
  },
  {
    name: 'drill-state',
    connection: 'drill → state',
    removed: 'the drill’s permission to read what became of its messages',
    edit: removePermission('-drill', 'dynamodb:GetItem'),
  },
  {
    name: 'schedule-refresh',
    connection: 'schedule → refresh',
    removed: 'the schedule’s permission to start refresh',
    edit: removeSchedulePermission('Refresh'),
  },
  {
    name: 'refresh-store',
    connection: 'refresh → store',
    removed: 'refresh’s permission to sign in to the database',
    edit: removePermission('-refresh', 'rds-db:connect'),
  },
  {
    name: 'schedule-retention',
    connection: 'schedule → retention',
    removed: 'the schedule’s permission to start retention',
    edit: removeSchedulePermission('Retention'),
  },
  {
    name: 'retention-store',
    connection: 'retention → store',
    removed: 'retention’s permission to sign in to the database',
    edit: removePermission('-retention', 'rds-db:connect'),
  },
  {
    name: 'schedule-completeness',
    connection: 'schedule → completeness',
    removed: 'the schedule’s permission to start the completeness check',
    edit: removeSchedulePermission('Completeness'),
  },
  {
    name: 'completeness-metrics',
    connection: 'completeness → metrics',
    removed: 'the completeness check’s permission to read metrics',
    edit: removePermission('-completeness', 'cloudwatch:GetMetricData'),
  },
  {
    name: 'completeness-api',
    connection: 'completeness → api',
    removed: 'the completeness check’s permission to invoke the api',
    edit: removePermission('-completeness', 'lambda:InvokeFunction'),
  },
];

/** The breakage of a name. Throws with the list of names when there is none. */
export const findBreakage = (name: string): Breakage => {
  const found = BREAKAGES.find((breakage) => breakage.name === name);
  if (found) return found;
  const names = BREAKAGES.map((breakage) => breakage.name).join(', ');
  throw new Error(`--break expects "list" or one of ${names}; got ${name}.`);
};
