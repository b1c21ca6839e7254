import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';

/** The names of the alarms below a construct, composites included. Alarms that CloudFormation names are left out. */
export const listAlarmNames = (scope: IConstruct): string[] =>
  scope.node
    .findAll()
    .filter((node) => node instanceof cloudwatch.CfnAlarm || node instanceof cloudwatch.CfnCompositeAlarm)
    .flatMap(({ alarmName }) => alarmName ?? []);
