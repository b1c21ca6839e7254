import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import type { PolicyStatement } from '../../emulator/iam/iam.ts';
import { NETWORK_ACTIONS } from '../../emulator/lambda/resources.ts';
import { arnOf } from '../../emulator/place.ts';
import { type Settings, settingsFrom } from '../../lib/settings.ts';
import { exerciseEverything, sooner, startRefusing } from '../support/exercise-everything.ts';
import { startIssuer } from '../support/issuer.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { PLACE } from '../support/small-cloud.ts';
import { OPERATOR } from '../support/through-cloud.ts';

/**
 * The template with everything at work, what goes well and what goes wrong. Whatever a policy allows must have been the only
 * reason why something that was asked was granted: taken away, it would be refused by name, and this test would say so.
 */
let table: Awaited<ReturnType<typeof prepareTemplate>>;
let issuer: Awaited<ReturnType<typeof startIssuer>>;
let refusing: Awaited<ReturnType<typeof startRefusing>>;
beforeAll(async () => {
  table = await prepareTemplate();
  [issuer, refusing] = await Promise.all([startIssuer(table.certificate), startRefusing(table.certificate)]);
});
afterAll(() => Promise.all([issuer?.close(), refusing?.close(), table?.clear()]));

const drill = { at: 'cron(0 10 ? * TUE *)', patienceSeconds: 1 };
const smokeTest = { tool: 'regex_search', arguments: { pattern: 'a', text: 'a' }, patienceSeconds: 20 };
const alerts = (): Settings['alerts'] => {
  const whom = { emails: ['oncall@example.com'], https: [refusing.url] };
  return { critical: whom, warning: whom };
};

/** Who comes without TLS is refused, and so is a function's own code that touches the network it is placed in. */
const whoMustNotIsRefused = ({ iam, s3, sqs, sns, lambda }: Cloud) => {
  const refused = (ask: Parameters<typeof iam.authorize>[0]) =>
    expect(() => iam.authorize(ask), `${ask.action} on ${ask.resource}`).toThrow('a policy denies it');
  const withoutTls = (action: string, resource: string, policyOf = resource) =>
    refused({ principal: OPERATOR, action, resource, policyOf, context: { 'aws:securetransport': 'false' } });
  for (const bucket of s3.buckets().map((name) => `arn:aws:s3:::${name}`)) {
    withoutTls('s3:ListBucket', bucket);
    withoutTls('s3:GetObject', `${bucket}/key`, bucket);
  }
  for (const queue of Object.keys(sqs.report())) withoutTls('sqs:ReceiveMessage', arnOf(PLACE, 'sqs', queue));
  for (const { topic } of sns.report()) withoutTls('sns:Publish', arnOf(PLACE, 'sns', topic));
  for (const { arn, latest } of lambda.functions()) {
    const { role, securityGroups } = latest.configuration;
    if (securityGroups.length === 0) continue;
    const context = { 'lambda:sourcefunctionarn': arn };
    for (const action of NETWORK_ACTIONS) refused({ principal: { role }, action, resource: '*', context });
  }
};

/** What is allowed though nobody here asks for it, and why it stands there. */
interface Unasked {
  holder: RegExp;
  actions: string[];
  why: string;
}

const PROVIDERS_LOG: Unasked = {
  holder: /AWSCDKTrigger/,
  actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  why: 'The CDK’s function between CloudFormation and ours does not run here, and has this policy from the CDK.',
};
const TRACERS_HEALTH: Unasked = {
  holder: /GatewayRole|FunctionRole/,
  actions: ['xray:PutTelemetryRecords'],
  why: 'With it X-Ray’s daemon, beside a function, says how it fares itself; AWS asks for it together with the other.',
};

const atATokensDoor = (): Settings['frontDoor'] => ({
  kind: 'http-api',
  jwt: { issuer: issuer.url, audience: ['toolwatch'], scopes: [] },
  origins: [],
  throttle: { rate: 1_000, burst: 1_000 },
});

test.each<[what: string, more: () => Partial<Settings>, unasked: Unasked[]]>([
  ['as it is by default', () => ({}), [PROVIDERS_LOG]],
  [
    'with every setting that adds a permission',
    () => ({
      database: settingsFrom({ database: { proxy: true } }).database,
      frontDoor: atATokensDoor(),
      rollout: { kind: 'linear', percent: 20, everyMinutes: 2 },
      tracing: true,
      topicEncryption: 'key',
    }),
    [PROVIDERS_LOG, TRACERS_HEALTH],
  ],
])('the template %s needs everything it allows, and nothing else', async (_, more, unasked) => {
  const settings = { topicEncryption: 'none', drill, smokeTest, alerts: alerts(), ...more() } as const;
  await table.under(settings).without(sooner, async (cloud, told) => {
    whoMustNotIsRefused(cloud);
    told.refusals.splice(0); // these were wanted
    await exerciseEverything({ cloud, told, token: await issuer.token(), rows: table.rows });
    expect([told.refusals, told.losses]).toEqual([[], []]);

    const idle = cloud.iam.listStatements().filter(({ wasDecisive }) => !wasDecisive);
    const isExcused = ({ holder, actions }: Unasked, one: PolicyStatement) =>
      holder.test(one.holder) && actions.includes(one.action);
    expect(idle.filter((one) => !unasked.some((excuse) => isExcused(excuse, one)))).toEqual([]);
    expect(unasked.filter((excuse) => !idle.some((one) => isExcused(excuse, one)))).toEqual([]);
  });
});
