import type { Connection } from '../lambdas/contract/connections.ts';
import {
  findResource,
  type Resources,
  removeAction,
  removeResource,
  removeResources,
  type TemplateEdit,
} from './template-edits.ts';

/** One way to break an arrow on purpose: what is taken out of the template, in words and in deed. */
export interface Breakage {
  /** What a person types. */
  key: string;
  connection: Connection;
  takes: string;
  edit: TemplateEdit;
}

interface SmokeVariables {
  SMOKE_TOOL: string;
  SMOKE_ALARM: string;
}

/** What the proof at the end of the deployment calls and looks at. */
const smoke = (resources: Resources): SmokeVariables => {
  const { Environment } = findResource(resources, 'AWS::Lambda::Function', '"SMOKE_TOOL"').Properties;
  return (Environment as { Variables: SmokeVariables }).Variables;
};

/** A right of one function's role; `stage` ends the function's name. */
const rightOf = (stage: string, action: string): TemplateEdit =>
  removeAction('AWS::IAM::Role', `-${stage} may do"`, action);

const ofSmokeTool =
  (action: string): TemplateEdit =>
  (resources) =>
    rightOf(`tool-${smoke(resources).SMOKE_TOOL}`, action)(resources);

/** Functions of tools that ask the api, without the service before their names. */
const askingTools = (resources: Resources): string[] =>
  Object.values(resources).flatMap(({ Type, Properties }) => {
    const isAsking = Type === 'AWS::Lambda::Function' && JSON.stringify(Properties).includes('"API_FUNCTION"');
    return isAsking ? (/-(tool-.+)$/.exec(String(Properties.FunctionName))?.[1] ?? []) : [];
  });

const smokeAlarm = (resources: Resources) =>
  findResource(resources, 'AWS::CloudWatch::Alarm', `"AlarmName":"${smoke(resources).SMOKE_ALARM}"`).Properties;

const startBy = (schedule: string): TemplateEdit =>
  removeAction('AWS::IAM::Role', `${schedule}ScheduleRole`, 'lambda:InvokeFunction');

/** Every arrow, and how it may be broken; the first way of each is the one its own name stands for. */
export const BREAKAGES: readonly Breakage[] = [
  {
    key: 'deployment-migrate',
    connection: 'deployment → migrate',
    takes: 'the deployment’s right to start the migration',
    edit: removeAction('AWS::IAM::Role', 'AWSCDKTriggerCustomResourceProvider', 'lambda:InvokeFunction'),
  },
  {
    key: 'migrate-store',
    connection: 'migrate → store',
    takes: 'the migration’s right to sign in to the database',
    edit: rightOf('migrate', 'rds-db:connect'),
  },
  {
    key: 'client-gateway',
    connection: 'client → gateway',
    takes: 'the right to call the gateway',
    edit: rightOf('smoke', 'lambda:InvokeFunction'),
  },
  {
    key: 'gateway-tool',
    connection: 'gateway → tool',
    takes: 'the gateway’s right to call tools',
    edit: rightOf('gateway', 'lambda:InvokeFunction'),
  },
  {
    key: 'tool-log',
    connection: 'tool → log',
    takes: 'a tool’s right to write its log',
    edit: ofSmokeTool('logs:PutLogEvents'),
  },
  {
    key: 'log-metrics',
    connection: 'log → metrics',
    takes: 'the log group’s class, of which alone metrics are made',
    edit: (resources) => {
      findResource(resources, 'AWS::Logs::LogGroup', '/calls"').Properties.LogGroupClass = 'INFREQUENT_ACCESS';
    },
  },
  {
    key: 'log-metrics-reader',
    connection: 'log → metrics',
    takes: 'the right to read metrics',
    edit: rightOf('smoke', 'cloudwatch:GetMetricData'),
  },
  {
    key: 'log-ingest',
    connection: 'log → ingest',
    takes: 'the log service’s permission to start ingest',
    edit: removeResource('AWS::Lambda::Permission', '"logs.'),
  },
  {
    key: 'log-ingest-filter',
    connection: 'log → ingest',
    takes: 'the subscription filter',
    edit: removeResource('AWS::Logs::SubscriptionFilter'),
  },
  {
    key: 'ingest-store',
    connection: 'ingest → store',
    takes: 'ingest’s right to sign in to the database',
    edit: rightOf('ingest', 'rds-db:connect'),
  },
  {
    key: 'api-store',
    connection: 'api → store',
    takes: 'the api’s right to sign in to the database',
    edit: rightOf('api', 'rds-db:connect'),
  },
  {
    key: 'metrics-alarm',
    connection: 'metrics → alarm',
    takes: 'the name of a tool’s alarm',
    edit: (resources) => {
      smokeAlarm(resources).AlarmName = 'another';
    },
  },
  {
    key: 'metrics-alarm-reader',
    connection: 'metrics → alarm',
    takes: 'the right to look at alarms',
    edit: rightOf('smoke', 'cloudwatch:DescribeAlarms'),
  },
  {
    key: 'alarm-topic',
    connection: 'alarm → topic',
    takes: 'the topics’ statement that lets alarms publish',
    edit: (resources) => {
      for (const topic of ['TopicsCritical', 'TopicsWarning']) {
        removeAction('AWS::SNS::TopicPolicy', topic, 'sns:Publish')(resources);
      }
    },
  },
  {
    key: 'alarm-topic-action',
    connection: 'alarm → topic',
    takes: 'what a tool’s alarm does when it fires',
    edit: (resources) => {
      smokeAlarm(resources).AlarmActions = [];
    },
  },
  {
    key: 'alarm-topic-switch',
    connection: 'alarm → topic',
    takes: 'the switch of that alarm’s actions',
    edit: (resources) => {
      smokeAlarm(resources).ActionsEnabled = false;
    },
  },
  {
    key: 'topic-people',
    connection: 'topic → recipients',
    takes: 'everybody who subscribes to a topic',
    edit: removeResources('AWS::SNS::Subscription'),
  },
  {
    key: 'topic-people-reader',
    connection: 'topic → recipients',
    takes: 'the right to look who subscribes',
    edit: rightOf('smoke', 'sns:ListSubscriptionsByTopic'),
  },
  {
    key: 'ingest-kept',
    connection: 'ingest → retained payloads',
    takes: 'the right to keep what could not be stored',
    edit: rightOf('ingest', 's3:PutObject'),
  },
  {
    key: 'tool-api',
    connection: 'tool → api',
    takes: 'the telemetry tools’ right to ask the api',
    edit: (resources) => {
      for (const tool of askingTools(resources)) rightOf(tool, 'lambda:InvokeFunction')(resources);
    },
  },
  {
    key: 'schedule-drill',
    connection: 'schedule → drill',
    takes: 'the schedule’s right to start the weekly drill',
    edit: startBy('Drill'),
  },
  {
    key: 'drill-alarm',
    connection: 'drill → alarm',
    takes: 'the drill’s right to write its log, of which its alarms’ metrics are made',
    edit: rightOf('drill', 'logs:PutLogEvents'),
  },
  {
    key: 'drill-metrics',
    connection: 'drill → metrics',
    takes: 'the drill’s right to read who was told',
    edit: rightOf('drill', 'cloudwatch:GetMetricData'),
  },
  {
    key: 'schedule-refresh',
    connection: 'schedule → refresh',
    takes: 'the schedule’s right to start refresh',
    edit: startBy('Refresh'),
  },
  {
    key: 'refresh-store',
    connection: 'refresh → store',
    takes: 'refresh’s right to sign in to the database',
    edit: rightOf('refresh', 'rds-db:connect'),
  },
  {
    key: 'schedule-retention',
    connection: 'schedule → retention',
    takes: 'the schedule’s right to start retention',
    edit: startBy('Retention'),
  },
  {
    key: 'retention-store',
    connection: 'retention → store',
    takes: 'retention’s right to sign in to the database',
    edit: rightOf('retention', 'rds-db:connect'),
  },
  {
    key: 'schedule-completeness',
    connection: 'schedule → completeness',
    takes: 'the schedule’s right to start the count of what arrived',
    edit: startBy('Completeness'),
  },
  {
    key: 'completeness-metrics',
    connection: 'completeness → metrics',
    takes: 'the count’s right to read metrics',
    edit: rightOf('completeness', 'cloudwatch:GetMetricData'),
  },
  {
    key: 'completeness-api',
    connection: 'completeness → api',
    takes: 'the count’s right to ask the api',
    edit: rightOf('completeness', 'lambda:InvokeFunction'),
  },
];

/** The fault a person asks for. Throws with what may be asked for. */
export const findBreakage = (key: string): Breakage => {
  const found = BREAKAGES.find((fault) => fault.key === key);
  if (found) return found;
  throw new Error(`--break wants list or one of ${BREAKAGES.map((fault) => fault.key).join(', ')}; and got ${key}.`);
};

/** All faults, one a line: what to type, the arrow, and what is taken out. */
export const listBreakages = (): string => {
  const width = (of: (fault: Breakage) => string) => Math.max(...BREAKAGES.map((fault) => of(fault).length));
  const [keys, arrows] = [width(({ key }) => key), width(({ connection: arrow }) => arrow)];
  return BREAKAGES.map(
    ({ key, connection: arrow, takes }) => `${key.padEnd(keys)}  ${arrow.padEnd(arrows)}  ${takes}`,
  ).join('\n');
};
