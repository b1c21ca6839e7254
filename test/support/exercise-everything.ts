import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { CloudWatchClient, DeleteAlarmMuteRuleCommand, PutAlarmMuteRuleCommand } from '@aws-sdk/client-cloudwatch';
import { expect } from 'vitest';
import type { Certificate } from '../../emulator/certificate.ts';
import type { Cloud } from '../../emulator/cloud.ts';
import { ADMIN_CREDENTIALS } from '../../emulator/iam/iam.ts';
import { arnOf } from '../../emulator/place.ts';
import type { AlarmReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import { buildChangeRequest } from '../../lambdas/contract/direct-request.ts';
import type { TemplateEdit } from '../../local/template-edits.ts';
import { exerciseChannels } from './exercise-channels.ts';
import { listen } from './http-server.ts';
import type { CloudEvents, prepareTemplate } from './prepared-template.ts';
import { PLACE } from './small-cloud.ts';
import { bucketNamed, countErrors, fireAlarm, fireCriticalAlarm, invoke, OPERATOR, request } from './through-cloud.ts';

type Rows = Awaited<ReturnType<typeof prepareTemplate>>['rows'];

/** A webhook that confirms its subscription and then refuses every notification. */
export const startRefusingWebhook = async ({ key, cert }: Certificate) => {
  const server = createServer({ key, cert }, async (request, response) => {
    const { SubscribeURL } = (await json(request)) as { SubscribeURL?: string };
    if (SubscribeURL) await fetch(SubscribeURL);
    response.writeHead(SubscribeURL ? 200 : 410).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/**
 * Removes ingest's retries, of which the first would come after a minute, and makes every schedule start immediately.
 */
export const speedUp: TemplateEdit = (resources) => {
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type === 'AWS::Lambda::EventInvokeConfig') Properties.MaximumRetryAttempts = 0;
    if (Type === 'AWS::Scheduler::Schedule') Properties.ScheduleExpression = 'rate(1 hour)';
  }
};

const SCHEDULED = [
  'payloads',
  'refresh',
  'retention',
  'archive',
  'completeness',
  'drill',
  'report',
  'checks',
  'notify',
  'self-check',
];
/** Without checks in the settings there is no function for them. */
const has = ({ lambda }: Cloud, stage: string): boolean =>
  lambda.functions().some(({ name }) => name === `toolwatch-${stage}`);
const scheduledIn = (cloud: Cloud): string[] => SCHEDULED.filter((stage) => has(cloud, stage));
const toolsOf = ({ lambda }: Cloud) =>
  lambda.functions().flatMap(({ name }) => /^toolwatch-tool-(.+)$/.exec(name)?.[1] ?? []);

/** Waits until a claim is true; fails when it does not become true, or when something was refused meanwhile. */
const waitFor = ({ refusals }: CloudEvents, claim: string, isTrue: () => boolean) =>
  expect.poll(() => ({ refusals, [claim]: isTrue() })).toEqual({ refusals: [], [claim]: true });

/** A client of the front door. */
const connectClient = async (cloud: Cloud, token: string) => {
  const listenFor = async (output: string) => {
    const serve = cloud.serve(cloud.outputs[output] ?? '');
    if (!serve) throw new Error(`nothing answers at ${output}`);
    return listen(serve);
  };
  const [mcp, api] = await Promise.all([listenFor('McpUrl'), listenFor('ApiUrl')]);
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${token}`,
  };
  const call = (name: string, args: object = {}) =>
    fetch(`${mcp.url}/mcp`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
    });
  return {
    call,
    ask: (path: string) => fetch(`${api.url}${path}`, { headers }),
    operate: (path: string, body: object) =>
      fetch(`${api.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    close: () => Promise.all([mcp.close(), api.close()]),
  };
};
type FrontDoorClient = Awaited<ReturnType<typeof connectClient>>;

/** Has the api change what only the role for changes may. */
const changeRule = async (cloud: Cloud): Promise<void> => {
  const body = { figure: 'errors', comparison: 'above', threshold: 1_000 };
  const request = buildChangeRequest('PUT', '/v1/alert-rules/exercised', {
    body,
    actor: undefined,
    correlationId: 'c',
  });
  expect(JSON.parse((await invoke(cloud, 'api', request)).payload)).toMatchObject({ statusCode: 200 });
};

/** Lets the alarms of the drill that is under way fire, and waits until it has followed their messages. */
const followDrill = async (cloud: Cloud, events: CloudEvents) => {
  const evaluateAfter = (minutes: number) =>
    cloud.alarms.evaluateAll((Math.floor(Date.now() / 60_000) + minutes) * 60_000);
  const isWritten = () => cloud.metrics.find('Toolwatch', 'drill_critical').length > 0;
  await waitFor(events, 'the drill wrote its metrics', isWritten);
  for (const minutes of [0, 1, 2]) evaluateAfter(minutes);
  await waitFor(events, 'the drill has ended', () => countErrors(cloud, 'drill') === 0);
};

/** What tools need to ask the API; without it they refuse the call at once. */
const ARGUMENTS: Readonly<Record<string, object>> = {
  explain_alert: { alert: 'tool/order_status/failing' },
  compare_versions: { tool: 'order_status', before: 'v1', after: 'v2' },
};

/**
 * Calls every tool, asks the API, changes something by it, lets every schedule start its function, and runs a person's
 * statements.
 */
const exerciseSuccess = async (cloud: Cloud, events: CloudEvents, { call, ask }: FrontDoorClient) => {
  // One after the other: on a busy machine, starting a gateway for each at once would take longer than a call may.
  for (const tool of toolsOf(cloud)) expect((await call(tool, ARGUMENTS[tool])).status, tool).toBe(200);
  expect((await ask('/v1/tools')).status).toBe(200);
  await changeRule(cloud);
  cloud.scheduler.start();
  // All of them start at once, and the report waits for two more functions to start, one after the other.
  const late = () => scheduledIn(cloud).filter((stage) => stage !== 'drill' && countErrors(cloud, stage) !== 0);
  await expect
    .poll(() => ({ refusals: events.refusals, late: late() }), { timeout: 90_000 })
    .toEqual({ refusals: [], late: [] });
  await followDrill(cloud, events);
  await waitFor(events, 'calls are stored', () => countErrors(cloud, 'ingest') === 0);
  for (const scope of [{}, { tenant: 'acme' }]) {
    const { payload } = await invoke(cloud, 'sql', { statement: 'select count(*) from invocations', ...scope });
    expect(JSON.parse(payload)).toMatchObject({ rows: [[expect.any(String)]] });
  }
};

/** What the function operate answers the command. */
const operateDirectly = async (cloud: Cloud, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body = {}) => {
  const change = buildChangeRequest(method, path, { body, actor: undefined, correlationId: 'c' });
  const { statusCode, body: answer } = JSON.parse((await invoke(cloud, 'operate', change)).payload);
  expect(statusCode, `${method} ${path}: ${answer}`).toBe(200);
  return JSON.parse(answer);
};

/** Makes a mute without an end, as somebody may in CloudWatch, lets the self-check find it, and ends it. */
const findForgottenMute = async (cloud: Cloud) => {
  const { accessKeyId, secretAccessKey } = ADMIN_CREDENTIALS;
  const cloudwatch = new CloudWatchClient({
    endpoint: cloud.endpoint,
    region: PLACE.region,
    credentials: { accessKeyId, secretAccessKey },
  });
  await cloudwatch.send(
    new PutAlarmMuteRuleCommand({
      Name: 'forgotten',
      Rule: { Schedule: { Expression: 'cron(0 3 * * *)', Duration: 'PT1H' } },
      MuteTargets: { AlarmNames: ['pipeline/telemetry-dropped'] },
    }),
  );
  const { payload } = await invoke(cloud, 'self-check');
  expect(JSON.parse(payload).findings).toContain('mute/forgotten');
  await cloudwatch.send(new DeleteAlarmMuteRuleCommand({ AlarmMuteRuleName: 'forgotten' }));
  cloudwatch.destroy();
};

/** Makes, lists and ends a mute, and confirms the drill where it went to a channel. */
const exerciseMutesAndDrill = async (cloud: Cloud) => {
  const { id } = await operateDirectly(cloud, 'POST', '/v1/mutes', {
    kind: 'alarm',
    name: 'pipeline/telemetry-dropped',
    minutes: 5,
    reason: 'to try it',
  });
  await operateDirectly(cloud, 'GET', '/v1/mutes');
  await operateDirectly(cloud, 'DELETE', `/v1/mutes/${encodeURIComponent(id)}`);
  const { ways } = await operateDirectly(cloud, 'GET', '/v1/drill');
  const channel = ways.flatMap(({ way }: { way: string }) => /^channel (.+)$/.exec(way)?.[1] ?? [])[0];
  if (channel) await operateDirectly(cloud, 'PUT', `/v1/drill/confirmations/${channel}`);
};

/** Lets a day be archived of which an earlier try has left a file too many, drops it and brings it back. */
const exerciseArchive = async (cloud: Cloud, rows: Rows) => {
  const [{ day } = {}] = await rows(`select (current_date - 95)::text as day`);
  // The store may be that of an earlier template.
  await rows('delete from analytics.archived_parts');
  await rows('delete from analytics.archived_days');
  await rows('delete from analytics.invocations where started_at < current_date - 94');
  await rows(`select analytics.make_days(current_date - 95, current_date - 95)`);
  await rows(`
    insert into analytics.invocations (started_at, finished_at, batch_id, duration_ms, event_id, attempts, cold_start,
      success, kind, name, tenant_id, service, environment, version, correlation_id)
    select current_date - 95 + interval '3 hours', now(), 1, 1.5, gen_random_uuid(), 1, false, true, 'tool', 't',
      'default', 's', 'e', 'v', 'c'`);
  const calls = () =>
    rows(`select to_jsonb(c) as call from analytics.invocations as c where started_at < current_date - 94`);
  const before = await calls();
  cloud.s3.put(OPERATOR, bucketNamed(cloud, 'archivedcalls'), `calls/day=${day}/part-00007.parquet`, Buffer.from('?'));
  expect(JSON.parse((await invoke(cloud, 'retention')).payload)).toMatchObject({ dropped: [], waiting: 1 });
  const archived = { archived: [{ day, files: 1, rows: 1 }], unfinished: null };
  expect(JSON.parse((await invoke(cloud, 'archive')).payload)).toMatchObject(archived);
  expect(cloud.s3.list(OPERATOR, bucketNamed(cloud, 'archivedcalls'))).toEqual(
    ['_manifest.json', 'part-00000.parquet'].map((file) => `calls/day=${day}/${file}`),
  );
  expect(JSON.parse((await invoke(cloud, 'retention')).payload)).toMatchObject({ dropped: [day], waiting: 0 });
  expect(await calls()).toEqual([]);
  const restore = { restore: { day, part: 0, hold_days: 3 } };
  expect(JSON.parse((await invoke(cloud, 'archive', restore)).payload)).toMatchObject({ restored: 1, next_part: null });
  expect(await calls()).toEqual(before);
};

const NOTICE = { title: 'The stock is low', severity: 'warning' };
const queueNamed = ({ sqs }: Cloud, part: string): string =>
  Object.keys(sqs.report()).find((name) => name.includes(part)) ?? '';
const sayThatShiftStopped = ({ eventBus }: Cloud) =>
  eventBus.put({
    source: 'aws.codedeploy',
    detailType: 'CodeDeploy Deployment State-change Notification',
    resources: [],
    detail: { application: 'toolwatch-tools', deploymentGroup: 'order_status', state: 'STOP' },
  });

/** Asks for a notice, by the front door where it lets the operator, and lets a deployment be stopped. */
const exerciseEvents = async (cloud: Cloud, events: CloudEvents, { operate }: FrontDoorClient) => {
  const answer = cloud.outputs.OperateUrl
    ? (await operate('/v1/notify', NOTICE)).status
    : JSON.parse((await invoke(cloud, 'operate', request('POST', '/v1/notify', NOTICE))).payload).statusCode;
  expect(answer).toBe(200);
  sayThatShiftStopped(cloud);
  const mails = () => events.deliveries.filter(({ protocol }) => protocol === 'email').map(({ subject }) => subject);
  await waitFor(events, 'people got the notice', () => mails().includes(`ALARM: ${NOTICE.title}`));
  const isRead = () =>
    ['NotifyQueue', 'CustomNotices'].every((part) => cloud.sqs.report()[queueNamed(cloud, part)]?.length === 0);
  await waitFor(events, 'the notifier has read its queues', isRead);
};

/** What the rules of events cannot put into the queue is among what is unread. */
const loseQueueOfEvents = (cloud: Cloud) => {
  const before = cloud.sqs.report()[queueNamed(cloud, 'NotifyUnread')]?.length ?? 0;
  cloud.sqs.remove(queueNamed(cloud, 'NotifyQueue'));
  sayThatShiftStopped(cloud);
  cloud.eventBus.put({
    source: 'aws.cloudformation',
    detailType: 'CloudFormation Stack Status Change',
    resources: [],
    detail: {
      'stack-id': arnOf(PLACE, 'cloudformation', 'stack/ToolwatchApp/1'),
      'status-details': { status: 'UPDATE_FAILED' },
    },
  });
  expect(cloud.sqs.report()[queueNamed(cloud, 'NotifyUnread')]?.length).toBeGreaterThan(before);
};

/** Fires alarms of both severities; their notifications go to e-mail and to a webhook that refuses them. */
const exerciseAlarms = async (cloud: Cloud, events: CloudEvents) => {
  fireCriticalAlarm(cloud);
  // The alarm that the drill failed publishes past the notifier, to the recipients of both severities.
  const dimensions = { FunctionName: 'toolwatch-drill' };
  cloud.metrics.put({ namespace: 'AWS/Lambda', name: 'Errors', dimensions }, 1);
  const aTool = { service: 'toolwatch', tool: 'order_status' };
  cloud.metrics.put({ namespace: 'Toolwatch', name: 'trickle', dimensions: aTool }, 1);
  fireAlarm(cloud);
  await operateDirectly(cloud, 'GET', '/v1/completeness');
  const { alarms } = await operateDirectly(cloud, 'GET', '/v1/alarms');
  const names = alarms.flatMap(({ contributors }: AlarmReport) => contributors.map(({ name }) => name));
  expect(names).toContain('tool/order_status/trickle');
  const undeliveredTopics = () => {
    const undelivered = Object.entries(cloud.sqs.report()).find(([name]) => name.includes('Undelivered'))?.[1] ?? [];
    return new Set(undelivered.map(({ body }) => JSON.parse(body).TopicArn));
  };
  await waitFor(
    events,
    'the undelivered notifications of each topic are in the queue',
    () => undeliveredTopics().size === 2,
  );
};

/**
 * Locks every user out of the database and then removes functions, so that each remaining function logs its failure.
 */
const exerciseFailures = async (cloud: Cloud, events: CloudEvents, { call, ask }: FrontDoorClient, rows: Rows) => {
  const users = (await rows("select rolname from pg_roles where rolname like 'toolwatch\\_%' and rolcanlogin")).map(
    ({ rolname }) => String(rolname),
  );
  for (const user of users) await rows(`alter role ${user} nologin`);
  try {
    await rows(`select pg_terminate_backend(pid) from pg_stat_activity where usename like 'toolwatch\\_%'`);
    await Promise.all(['migrate', 'refresh', 'retention'].map((name) => invoke(cloud, name)));
    await ask('/v1/tools');
    await call('order_status', { order_id: 'A-1042' });
    const isRetained = () => cloud.s3.list(OPERATOR, bucketNamed(cloud, 'keptpayloads')).length > 0;
    await waitFor(events, 'the payload that cannot be stored is retained', isRetained);
    await invoke(cloud, 'payloads');
  } finally {
    for (const user of users) await rows(`alter role ${user} login`);
  }
  await cloud.lambda.remove('toolwatch-tool-order_status');
  await call('order_status', { order_id: 'A-1042' });
  await cloud.lambda.remove('toolwatch-gateway');
  await invoke(cloud, 'smoke');

  const scheduled = scheduledIn(cloud);
  for (const name of scheduled) await cloud.lambda.remove(`toolwatch-${name}`);
  cloud.scheduler.start();
  const missedStarts = () => Object.entries(cloud.sqs.report()).filter(([name]) => name.includes('MissedStarts'));
  await waitFor(events, 'missed starts are in their queues', () =>
    missedStarts().every(([, messages]) => messages.length > 0),
  );
  expect(missedStarts()).toHaveLength(scheduled.length);
  loseQueueOfEvents(cloud);
};

interface Deployed {
  cloud: Cloud;
  events: CloudEvents;
  /** A client's token. */
  token: string;
  rows: Rows;
  certificate: Certificate;
}

/**
 * Makes a whole deployment do everything it ever does: calls and schedules, alarms and their undelivered
 * notifications, payloads that cannot be stored, missed starts, and each function's errors in its log. The deployment
 * needs the edit `speedUp` and a webhook of `startRefusingWebhook` that both topics notify. Rejects when something
 * does not happen, with what was refused meanwhile.
 */
export const exerciseEverything = async ({ cloud, events, token, rows, certificate }: Deployed): Promise<void> => {
  const client = await connectClient(cloud, token);
  try {
    // Before the drill, whose message would wait for the secrets of the channels.
    if (has(cloud, 'deliver')) await exerciseChannels(cloud, certificate);
    await exerciseSuccess(cloud, events, client);
    await exerciseEvents(cloud, events, client);
    await exerciseMutesAndDrill(cloud);
    await findForgottenMute(cloud);
    await exerciseArchive(cloud, rows);
    await exerciseAlarms(cloud, events);
    await exerciseFailures(cloud, events, client, rows);
  } finally {
    await client.close();
  }
};
