import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';

type AlarmResource = cloudwatch.CfnAlarm | cloudwatch.CfnCompositeAlarm;

const listResources = (scope: IConstruct): AlarmResource[] =>
  scope.node
    .findAll()
    .filter((node) => node instanceof cloudwatch.CfnAlarm || node instanceof cloudwatch.CfnCompositeAlarm);

/** The names of the alarms below a construct, composites included. Alarms that CloudFormation names are left out. */
export const listAlarmNames = (scope: IConstruct): string[] =>
  listResources(scope).flatMap(({ alarmName }) => alarmName ?? []);

const REFERENCE = 'Reference';

/** A resource as an alarm of the CDK: the construct that it belongs to, or one that refers to it. */
const alarmOf = (resource: AlarmResource): cloudwatch.IAlarm => {
  const { scope } = resource.node;
  if (scope instanceof cloudwatch.Alarm || scope instanceof cloudwatch.CompositeAlarm) return scope;
  const reference = resource.node.tryFindChild(REFERENCE) as cloudwatch.IAlarm | undefined;
  return reference ?? cloudwatch.Alarm.fromAlarmArn(resource, REFERENCE, resource.attrArn);
};

/** The alarms below a construct by their names, composites included. */
export const listAlarms = (scope: IConstruct): Map<string, cloudwatch.IAlarm> =>
  new Map(
    listResources(scope).flatMap((resource) =>
      resource.alarmName === undefined ? [] : [[resource.alarmName, alarmOf(resource)] as const],
    ),
  );
