import type { Page } from 'playwright-core';
import { type AlarmReport, alarmsReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import type { AuditLine } from '../../lambdas/contract/audit-line.ts';
import { completenessReport } from '../../lambdas/contract/completeness-report.ts';
import type { FrontDoorEnv } from '../../lambdas/contract/env/front-door.ts';
import { type Mute, mutesReport } from '../../lambdas/contract/mutes.ts';
import { selfCheckReport } from '../../lambdas/contract/self-check.ts';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import { createAcknowledgementHandlers } from '../../lambdas/operate/acknowledgements.ts';
import { type OperationHandlers, Operator } from '../../lambdas/operate/operator.ts';
import { aRequest } from './a-request.ts';
import { anEnvelope } from './an-envelope.ts';
import type { TestDatabase } from './database.ts';

/** An alarm of a tool that fires, unless `given` says otherwise. */
export const anAlarm = (given: Partial<AlarmReport> = {}): AlarmReport => ({
  name: 'tool/order_status/failing',
  cloudwatch_name: 'tool/order_status/failing',
  state: 'firing',
  since: new Date(Date.now() - 9 * 60_000).toISOString(),
  reason: 'Threshold Crossed: 1 out of the last 1 datapoints was greater than the threshold (0.0).',
  severity: 'critical',
  owner: 'shop team',
  tool: 'order_status',
  provider: null,
  means: 'order_status fails more often than allowed.',
  runbook: {
    heading: 'tool/*/failing',
    url: 'https://example.com/runbook#toolfailing',
    advice: 'Dependency: check the provider. Ours: go back to the version before.',
    advice_by_fault: { dependency: 'Check the provider.', ours: 'Go back to the version before.' },
  },
  logs_url: 'https://example.com/logs',
  firing_means: 'something_is_wrong',
  actions: 'on',
  muted: null,
  has_more_contributors: false,
  contributors: [],
  ...given,
});

const aMute = (given: Partial<Mute> = {}): Mute => ({
  id: 'toolwatch-mute-1',
  kind: 'tool',
  name: 'sales_report',
  reason: 'The warehouse moves tonight.',
  actor: 'olga@example.com',
  starts_at: new Date(Date.now() - 3_600_000).toISOString(),
  ends_at: new Date(Date.now() + 3_600_000).toISOString(),
  changed_at: null,
  status: 'active',
  alarms: ['tool/sales_report/slow'],
  alarms_total: 1,
  firing: ['tool/sales_report/slow'],
  swallowed: [
    { alarm: 'tool/sales_report/slow', severity: 'warning', at: new Date(Date.now() - 1_800_000).toISOString() },
  ],
  swallowed_total: 1,
  ...given,
});

/** A day in which a tenth of one hour's calls was lost. */
const aCompleteness = () => {
  const until = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  const hours = Array.from({ length: 24 }, (_, index) => ({
    hour: new Date(until - (24 - index) * 3_600_000).toISOString(),
    completeness_pct: index === 20 ? 90 : 100,
    rejects: null,
    lag_seconds: null,
    retained_payloads: index > 20 ? 2 : null,
  }));
  const [first] = hours;
  return {
    from: first?.hour,
    until: new Date(until).toISOString(),
    hours,
    lowest_pct: 90,
    measured_at: hours.at(-1)?.hour,
  };
};

/** What the function operate answers, which needs AWS: as its contract has it. */
export const answerAsOperate = async (page: Page, { alarms = [anAlarm()] }: { alarms?: AlarmReport[] } = {}) => {
  const sent: { method: string; path: string; body: unknown }[] = [];
  await page.route('**/v1/alarms*', (route) =>
    route.fulfill({ json: alarmsReport.parse({ alarms, total: 40, next: null }) }),
  );
  await page.route('**/v1/completeness*', (route) =>
    route.fulfill({ json: completenessReport.parse(aCompleteness()) }),
  );
  await page.route('**/v1/self-check', (route) =>
    route.fulfill({
      json: selfCheckReport.parse({
        checked_at: new Date(Date.now() - 600_000).toISOString(),
        findings: [
          {
            id: 'schedule/refresh',
            what: 'The schedule of refresh is switched off.',
            remedy: 'Switch it on in EventBridge.',
            since: new Date(Date.now() - 7_200_000).toISOString(),
          },
        ],
      }),
    }),
  );
  await page.route('**/v1/mutes**', (route) => {
    const request = route.request();
    if (request.method() === 'GET') return route.fulfill({ json: mutesReport.parse({ mutes: [aMute()] }) });
    sent.push({ method: request.method(), path: new URL(request.url()).pathname, body: request.postDataJSON() });
    return route.fulfill({ json: aMute() });
  });
  return sent;
};

const FRONT_DOOR: FrontDoorEnv = {
  TOOLWATCH_TENANTS: 'on',
  JWT_ISSUER: 'https://issuer.example.com',
  JWT_TENANT_CLAIM: 'tenant',
  JWT_OPERATOR_SCOPE: 'toolwatch.operate',
};

/**
 * Lets the real function operate take acknowledgements that a page sends, by an operator of this name. Its line of the
 * audit is in the store before it answers.
 */
export const acknowledgeFor = async (page: Page, database: TestDatabase, operator: string): Promise<void> => {
  await page.route('**/v1/incidents/*/acknowledgement', async (route) => {
    const request = route.request();
    const lines: AuditLine[] = [];
    const answered = await new Operator({
      // Other operations do not come this way.
      handlers: createAcknowledgementHandlers() as OperationHandlers,
      frontDoor: FRONT_DOOR,
      writeAudit: (line) => lines.push(line),
      onError: (error) => {
        throw error;
      },
    }).answer(
      aRequest({
        method: request.method(),
        path: new URL(request.url()).pathname,
        body: request.postDataJSON(),
        claims: { sub: operator },
        scopes: ['toolwatch.operate'],
      }),
    );
    await ingest(database.as('writer'), anEnvelope(lines));
    await route.fulfill({ status: answered.statusCode ?? 500, body: answered.body ?? '' });
  });
};
