import type { Arrow } from '../lambdas/contract/arrows.ts';
import { allowance, type Cut, everyResource, type Resources, resource, theOne } from './cut.ts';

/** One way to break an arrow on purpose: what is taken out of the template, in words and in deed. */
export interface Fault {
  /** What a person types. */
  key: string;
  arrow: Arrow;
  takes: string;
  cut: Cut;
}

interface SmokeVariables {
  SMOKE_TOOL: string;
  SMOKE_ALARM: string;
}

/** What the proof at the end of the deployment calls and looks at. */
const smoke = (resources: Resources): SmokeVariables => {
  const { Environment } = theOne(resources, 'AWS::Lambda::Function', '"SMOKE_TOOL"').Properties;
  return (Environment as { Variables: SmokeVariables }).Variables;
};

/** A right of one function's role; `stage` ends the function's name. */
const rightOf = (stage: string, action: string): Cut => allowance('AWS::IAM::Role', `-${stage} may do"`, action);

const ofSmokeTool =
  (action: string): Cut =>
  (resources) =>
    rightOf(`tool-${smoke(resources).SMOKE_TOOL}`, action)(resources);

/** Functions of tools that ask the api, without the service before their names. */
const askingTools = (resources: Resources): string[] =>
  Object.values(resources).flatMap(({ Type, Properties }) => {
    const isAsking = Type === 'AWS::Lambda::Function' && JSON.stringify(Properties).includes('"API_FUNCTION"');
    return isAsking ? (/-(tool-.+)$/.exec(String(Properties.FunctionName))?.[1] ?? []) : [];
  });

const smokeAlarm = (resources: Resources) =>
  theOne(resources, 'AWS::CloudWatch::Alarm', `"AlarmName":"${smoke(resources).SMOKE_ALARM}"`).Properties;

const startBy = (schedule: string): Cut =>
  allowance('AWS::IAM::Role', `${schedule}ScheduleRole`, 'lambda:InvokeFunction');

/** Every arrow, and how it may be broken; the first way of each is the one its own name stands for. */
export const FAULTS: readonly Fault[] = [
  {
    key: 'deployment-migrate',
    arrow: 'deployment → migrate',
    takes: 'the deployment’s right to start the migration',
    cut: allowance('AWS::IAM::Role', 'AWSCDKTriggerCustomResourceProvider', 'lambda:InvokeFunction'),
  },
  {
    key: 'migrate-store',
    arrow: 'migrate → store',
    takes: 'the migration’s right to sign in to the database',
    cut: rightOf('migrate', 'rds-db:connect'),
  },
  {
    key: 'client-gateway',
    arrow: 'client → gateway',
    takes: 'the right to call the gateway',
    cut: rightOf('smoke', 'lambda:InvokeFunction'),
  },
  {
    key: 'gateway-tool',
    arrow: 'gateway → tool',
    takes: 'the gateway’s right to call tools',
    cut: rightOf('gateway', 'lambda:InvokeFunction'),
  },
  {
    key: 'tool-log',
    arrow: 'tool → log',
    takes: 'a tool’s right to write its log',
    cut: ofSmokeTool('logs:PutLogEvents'),
  },
  {
    key: 'log-metrics',
    arrow: 'log → metrics',
    takes: 'the log group’s class, of which alone metrics are made',
    cut: (resources) => {
      theOne(resources, 'AWS::Logs::LogGroup', '/calls"').Properties.LogGroupClass = 'INFREQUENT_ACCESS';
    },
  },
  {
    key: 'log-metrics-reader',
    arrow: 'log → metrics',
    takes: 'the right to read metrics',
    cut: rightOf('smoke', 'cloudwatch:GetMetricData'),
  },
  {
    key: 'log-ingest',
    arrow: 'log → ingest',
    takes: 'the log service’s permission to start ingest',
    cut: resource('AWS::Lambda::Permission', '"logs.'),
  },
  {
    key: 'log-ingest-filter',
    arrow: 'log → ingest',
    takes: 'the subscription filter',
    cut: resource('AWS::Logs::SubscriptionFilter'),
  },
  {
    key: 'ingest-store',
    arrow: 'ingest → store',
    takes: 'ingest’s right to sign in to the database',
    cut: rightOf('ingest', 'rds-db:connect'),
  },
  {
    key: 'api-store',
    arrow: 'api → store',
    takes: 'the api’s right to sign in to the database',
    cut: rightOf('api', 'rds-db:connect'),
  },
  {
    key: 'metrics-alarm',
    arrow: 'metrics → alarm',
    takes: 'the name of a tool’s alarm',
    cut: (resources) => {
      smokeAlarm(resources).AlarmName = 'another';
    },
  },
  {
    key: 'metrics-alarm-reader',
    arrow: 'metrics → alarm',
    takes: 'the right to look at alarms',
    cut: rightOf('smoke', 'cloudwatch:DescribeAlarms'),
  },
  {
    key: 'alarm-topic',
    arrow: 'alarm → topic',
    takes: 'the topics’ statement that lets alarms publish',
    cut: (resources) => {
      for (const topic of ['TopicsCritical', 'TopicsWarning']) {
        allowance('AWS::SNS::TopicPolicy', topic, 'sns:Publish')(resources);
      }
    },
  },
  {
    key: 'alarm-topic-action',
    arrow: 'alarm → topic',
    takes: 'what a tool’s alarm does when it fires',
    cut: (resources) => {
      smokeAlarm(resources).AlarmActions = [];
    },
  },
  {
    key: 'alarm-topic-switch',
    arrow: 'alarm → topic',
    takes: 'the switch of that alarm’s actions',
    cut: (resources) => {
      smokeAlarm(resources).ActionsEnabled = false;
    },
  },
  {
    key: 'topic-people',
    arrow: 'topic → people',
    takes: 'everybody who subscribes to a topic',
    cut: everyResource('AWS::SNS::Subscription'),
  },
  {
    key: 'topic-people-reader',
    arrow: 'topic → people',
    takes: 'the right to look who subscribes',
    cut: rightOf('smoke', 'sns:ListSubscriptionsByTopic'),
  },
  {
    key: 'ingest-kept',
    arrow: 'ingest → kept payloads',
    takes: 'the right to keep what could not be stored',
    cut: rightOf('ingest', 's3:PutObject'),
  },
  {
    key: 'tool-api',
    arrow: 'tool → api',
    takes: 'the telemetry tools’ right to ask the api',
    cut: (resources) => {
      for (const tool of askingTools(resources)) rightOf(tool, 'lambda:InvokeFunction')(resources);
    },
  },
  {
    key: 'schedule-drill',
    arrow: 'schedule → drill',
    takes: 'the schedule’s right to start the weekly drill',
    cut: startBy('Drill'),
  },
  {
    key: 'drill-alarm',
    arrow: 'drill → alarm',
    takes: 'the drill’s right to write its log, of which its alarms’ metrics are made',
    cut: rightOf('drill', 'logs:PutLogEvents'),
  },
  {
    key: 'drill-metrics',
    arrow: 'drill → metrics',
    takes: 'the drill’s right to read who was told',
    cut: rightOf('drill', 'cloudwatch:GetMetricData'),
  },
  {
    key: 'schedule-refresh',
    arrow: 'schedule → refresh',
    takes: 'the schedule’s right to start refresh',
    cut: startBy('Refresh'),
  },
  {
    key: 'refresh-store',
    arrow: 'refresh → store',
    takes: 'refresh’s right to sign in to the database',
    cut: rightOf('refresh', 'rds-db:connect'),
  },
  {
    key: 'schedule-retention',
    arrow: 'schedule → retention',
    takes: 'the schedule’s right to start retention',
    cut: startBy('Retention'),
  },
  {
    key: 'retention-store',
    arrow: 'retention → store',
    takes: 'retention’s right to sign in to the database',
    cut: rightOf('retention', 'rds-db:connect'),
  },
  {
    key: 'schedule-completeness',
    arrow: 'schedule → completeness',
    takes: 'the schedule’s right to start the count of what arrived',
    cut: startBy('Completeness'),
  },
  {
    key: 'completeness-metrics',
    arrow: 'completeness → metrics',
    takes: 'the count’s right to read metrics',
    cut: rightOf('completeness', 'cloudwatch:GetMetricData'),
  },
  {
    key: 'completeness-api',
    arrow: 'completeness → api',
    takes: 'the count’s right to ask the api',
    cut: rightOf('completeness', 'lambda:InvokeFunction'),
  },
];

/** The fault a person asks for. Throws with what may be asked for. */
export const faultNamed = (key: string): Fault => {
  const found = FAULTS.find((fault) => fault.key === key);
  if (found) return found;
  throw new Error(`--break wants list or one of ${FAULTS.map((fault) => fault.key).join(', ')}; and got ${key}.`);
};

/** All faults, one a line: what to type, the arrow, and what is taken out. */
export const faultList = (): string => {
  const width = (of: (fault: Fault) => string) => Math.max(...FAULTS.map((fault) => of(fault).length));
  const [keys, arrows] = [width(({ key }) => key), width(({ arrow }) => arrow)];
  return FAULTS.map(({ key, arrow, takes }) => `${key.padEnd(keys)}  ${arrow.padEnd(arrows)}  ${takes}`).join('\n');
};
