import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { deploymentNameOf, type NamingSettings } from '../deployment-name.ts';
import { acknowledge, acknowledgeWildcard } from '../nag.ts';
import { alarmName } from './alarm.ts';

const arnOf = (scope: Construct, resource: string, resourceName: string): string =>
  cdk.Stack.of(scope).formatArn({
    service: 'cloudwatch',
    resource,
    resourceName,
    arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
  });

/** What reading takes that says which alarms are muted, and what fired meanwhile. */
export const allowToReadMutes = (scope: Construct): iam.PolicyStatement[] => {
  const rules = arnOf(scope, 'alarm-mute-rule', '*');
  acknowledge(scope, 'AwsSolutions-IAM5[Resource::*]', 'IAM cannot restrict which alarms and mute rules are listed.');
  acknowledgeWildcard(scope, rules, 'Mute rules of the settings, and those that people made, have any name.');
  return [
    new iam.PolicyStatement({
      sid: 'ReadAlarmsAndMutes',
      actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:DescribeAlarmHistory', 'cloudwatch:ListAlarmMuteRules'],
      resources: ['*'],
    }),
    new iam.PolicyStatement({ sid: 'ReadMuteRules', actions: ['cloudwatch:GetAlarmMuteRule'], resources: [rules] }),
  ];
};

/** Beside that, what reading takes for which names an alarm over many names fires. */
export const allowToReadContributors = (): iam.PolicyStatement =>
  new iam.PolicyStatement({
    sid: 'ReadContributors',
    actions: ['cloudwatch:DescribeAlarmContributors'],
    resources: ['*'],
  });

/** Beside that, what making and ending mutes takes: of the deployment's own alarms, by rules of its own name. */
export const allowToMute = (scope: Construct, settings: NamingSettings): iam.PolicyStatement[] => {
  const rules = arnOf(scope, 'alarm-mute-rule', `${deploymentNameOf(settings)}-mute-*`);
  const alarms = arnOf(scope, 'alarm', `${alarmName(settings, '')}*`);
  acknowledgeWildcard(scope, rules, 'Each mute has an id of its own in the names of its rules.');
  acknowledgeWildcard(scope, alarms, 'Any alarm of the deployment may be muted.');
  return [
    ...allowToReadMutes(scope),
    new iam.PolicyStatement({
      sid: 'Mute',
      actions: ['cloudwatch:PutAlarmMuteRule'],
      resources: [rules, alarms],
    }),
    new iam.PolicyStatement({ sid: 'EndMutes', actions: ['cloudwatch:DeleteAlarmMuteRule'], resources: [rules] }),
  ];
};
