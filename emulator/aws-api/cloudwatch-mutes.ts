import * as z from 'zod';
import type { Alarms } from '../cloudwatch/alarms.ts';
import { putMuteRuleInput } from '../cloudwatch/mutes.ts';
import type { Iam } from '../iam/iam.ts';
import type { Principal } from '../iam/policy.ts';
import { arnOf, type Place } from '../place.ts';
import { type ApiResponse, jsonResponse } from './request.ts';

const named = z.strictObject({ AlarmMuteRuleName: z.string().min(1) });
const listInput = z.strictObject({
  AlarmName: z.string().optional(),
  Statuses: z.array(z.enum(['SCHEDULED', 'ACTIVE', 'EXPIRED'])).optional(),
  MaxRecords: z.int().min(1).max(100).default(50),
  NextToken: z.string().optional(),
});

interface MuteApi {
  readonly iam: Iam;
  readonly place: Place;
  readonly alarms: Alarms;
}

const arnOfRule = (place: Place, name: string): string => arnOf(place, 'cloudwatch', `alarm-mute-rule:${name}`);

/** It takes the right on the rule and on each alarm. */
const putRule = ({ iam, place, alarms }: MuteApi, principal: Principal, body: unknown): ApiResponse => {
  const input = putMuteRuleInput.parse(body);
  const action = 'cloudwatch:PutAlarmMuteRule';
  iam.authorize({ principal, action, resource: arnOfRule(place, input.Name) });
  for (const name of input.MuteTargets.AlarmNames)
    iam.authorize({ principal, action, resource: arnOf(place, 'cloudwatch', `alarm:${name}`) });
  alarms.mutes.put(input);
  return jsonResponse({});
};

const listRules = ({ iam, place, alarms }: MuteApi, principal: Principal, body: unknown): ApiResponse => {
  iam.authorize({ principal, action: 'cloudwatch:ListAlarmMuteRules', resource: '*' });
  const { AlarmName, Statuses, MaxRecords, NextToken = '0' } = listInput.parse(body);
  const found = alarms.mutes
    .names()
    .map((name) => alarms.mutes.find(name))
    .filter(({ MuteTargets }) => AlarmName === undefined || MuteTargets.AlarmNames.includes(AlarmName))
    .filter(({ Status }) => Statuses === undefined || Statuses.includes(Status));
  const end = Number(NextToken) + MaxRecords;
  return jsonResponse({
    AlarmMuteRuleSummaries: found
      .slice(Number(NextToken), end)
      .map(({ Name, Status, MuteType, ExpireDate, LastUpdatedTimestamp }) => ({
        AlarmMuteRuleArn: arnOfRule(place, Name),
        Status,
        MuteType,
        ExpireDate,
        LastUpdatedTimestamp,
      })),
    ...(end < found.length && { NextToken: String(end) }),
  });
};

/** Answers PutAlarmMuteRule, GetAlarmMuteRule, ListAlarmMuteRules and DeleteAlarmMuteRule; undefined for any other. */
export const answerMutes = (
  api: MuteApi,
  operation: string | undefined,
  principal: Principal,
  readBody: () => unknown,
): ApiResponse | undefined => {
  const { iam, place, alarms } = api;
  if (operation === 'PutAlarmMuteRule') return putRule(api, principal, readBody());
  if (operation === 'ListAlarmMuteRules') return listRules(api, principal, readBody());
  if (operation !== 'GetAlarmMuteRule' && operation !== 'DeleteAlarmMuteRule') return undefined;
  const { AlarmMuteRuleName: name } = named.parse(readBody());
  iam.authorize({ principal, action: `cloudwatch:${operation}`, resource: arnOfRule(place, name) });
  if (operation === 'GetAlarmMuteRule')
    return jsonResponse({ ...alarms.mutes.find(name), AlarmMuteRuleArn: arnOfRule(place, name) });
  alarms.mutes.remove(name);
  return jsonResponse({});
};
