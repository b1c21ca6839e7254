import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import type { PolicyStatement } from '../../emulator/iam/iam.ts';
import { NETWORK_ACTIONS } from '../../emulator/lambda/resources.ts';
import { arnOf } from '../../emulator/place.ts';
import { type Settings, settingsFrom } from '../../lib/settings.ts';
import { tokenForScripts } from '../../local/sign-in.ts';
import { EXERCISED_CHANNELS } from '../support/exercise-channels.ts';
import { exerciseEverything, speedUp, startRefusingWebhook } from '../support/exercise-everything.ts';
import { startIssuer } from '../support/issuer.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { PLACE } from '../support/small-cloud.ts';
import { OPERATOR } from '../support/through-cloud.ts';

/**
 * Runs everything that the template does, successes and failures. Each thing that a policy allows must have been the
 * only reason why some request was granted: without it, that request would be refused.
 */
let template: Awaited<ReturnType<typeof prepareTemplate>>;
let issuer: Awaited<ReturnType<typeof startIssuer>>;
let webhook: Awaited<ReturnType<typeof startRefusingWebhook>>;
beforeAll(async () => {
  template = await prepareTemplate();
  [issuer, webhook] = await Promise.all([
    startIssuer(template.certificate),
    startRefusingWebhook(template.certificate),
  ]);
});
afterAll(() => Promise.all([issuer?.close(), webhook?.close(), template?.clear()]));

const drill = { at: 'cron(0 10 ? * TUE *)', timeoutSeconds: 20 };
const smokeTest = { tool: 'regex_search', arguments: { pattern: 'a', text: 'a' }, timeoutSeconds: 20 };
const alerts = (): Settings['alerts'] => {
  const recipients = { emails: ['oncall@example.com'], https: [webhook.url] };
  return { critical: recipients, warning: recipients, channels: [], deployments: 'failed' };
};

/** Requests without TLS are denied, and so are requests of a function's own code to change its network. */
const checkDenied = ({ iam, s3, sqs, sns, lambda }: Cloud) => {
  const expectDenied = (request: Parameters<typeof iam.authorize>[0]) =>
    expect(() => iam.authorize(request), `${request.action} on ${request.resource}`).toThrow('a policy denies it');
  const withoutTls = (action: string, resource: string, policyOf = resource) =>
    expectDenied({ principal: OPERATOR, action, resource, policyOf, context: { 'aws:securetransport': 'false' } });
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
    for (const action of NETWORK_ACTIONS) expectDenied({ principal: { role }, action, resource: '*', context });
  }
};

/** Permissions that nothing here uses, and why they are granted. */
interface UnusedPermissions {
  holder: RegExp;
  actions: string[];
  why: string;
}

const TRIGGER_LOG: UnusedPermissions = {
  holder: /AWSCDKTrigger/,
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  why: 'The CDK’s function between CloudFormation and ours does not run here, so it writes no log.',
};
const XRAY_HEALTH: UnusedPermissions = {
  holder: /GatewayRole|FunctionRole/,
  actions: ['xray:PutTelemetryRecords'],
  why: 'X-Ray’s daemon beside a function reports its own health with it; AWS documents both as required.',
};

const httpApi = (): Settings['frontDoor'] => ({
  kind: 'http-api',
  jwt: { issuer: issuer.url, audience: ['toolwatch'], scopes: [] },
  openHealth: true,
  origins: [],
  throttle: { rate: 1_000, burst: 1_000 },
});

test.each<[name: string, more: () => Partial<Settings>, unused: UnusedPermissions[]]>([
  ['with default settings', () => ({}), [TRIGGER_LOG]],
  [
    'with every setting that adds a permission',
    () => ({
      database: settingsFrom({ database: { proxy: true } }).database,
      frontDoor: httpApi(),
      rollout: { kind: 'linear', percent: 20, everyMinutes: 2 },
      tracing: true,
      topicEncryption: 'key',
      alerts: { ...alerts(), channels: EXERCISED_CHANNELS },
      checks: settingsFrom({ checks: [{ kind: 'queue', name: 'orders', queue: 'orders' }] }).checks,
    }),
    [TRIGGER_LOG, XRAY_HEALTH],
  ],
])(
  'the template %s allows exactly what it needs',
  async (_, more, unused) => {
    const settings = { topicEncryption: 'none', drill, smokeTest, alerts: alerts(), ...more() } as const;
    await template.withSettings(settings).withEdit(speedUp, async (cloud, events) => {
      checkDenied(cloud);
      events.refusals.splice(0); // the expected denials
      await exerciseEverything({
        cloud,
        events,
        token: (await tokenForScripts(cloud)) ?? (await issuer.token()),
        rows: template.rows,
        certificate: template.certificate,
      });
      expect([events.refusals, events.losses]).toEqual([[], []]);

      const idle = cloud.iam.listStatements().filter(({ wasDecisive }) => !wasDecisive);
      const isExpected = ({ holder, actions }: UnusedPermissions, statement: PolicyStatement) =>
        holder.test(statement.holder) && actions.includes(statement.action);
      expect(idle.filter((statement) => !unused.some((expected) => isExpected(expected, statement)))).toEqual([]);
      expect(unused.filter((expected) => !idle.some((statement) => isExpected(expected, statement)))).toEqual([]);
    });
  },
  240_000,
);
