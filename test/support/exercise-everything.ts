import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { Certificate } from '../../emulator/certificate.ts';
import type { Cloud } from '../../emulator/cloud.ts';
import type { TemplateEdit } from '../../local/template-edits.ts';
import { listen } from './http-server.ts';
import type { CloudEvents, prepareTemplate } from './prepared-template.ts';
import { alarm, errors, invoke, OPERATOR } from './through-cloud.ts';

type Rows = Awaited<ReturnType<typeof prepareTemplate>>['rows'];

/** A webhook that confirms its subscription and takes no message. */
export const startRefusing = async ({ key, cert }: Certificate) => {
  const server = createServer({ key, cert }, async (request, response) => {
    const told = (await json(request)) as { SubscribeURL?: string };
    if (told.SubscribeURL) await fetch(told.SubscribeURL);
    response.writeHead(told.SubscribeURL ? 200 : 410).end();
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
};

/** No second try, which would come a minute later; and every schedule begins with a start. */
export const sooner: TemplateEdit = (resources) => {
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type === 'AWS::Lambda::EventInvokeConfig') Properties.MaximumRetryAttempts = 0;
    if (Type === 'AWS::Scheduler::Schedule') Properties.ScheduleExpression = 'rate(1 hour)';
  }
};

const STARTED = ['refresh', 'retention', 'completeness', 'drill'];
const toolsOf = ({ lambda }: Cloud) =>
  lambda.functions().flatMap(({ name }) => /^toolwatch-tool-(.+)$/.exec(name)?.[1] ?? []);

/** Sooner or later it happens, and nothing is refused on the way. */
const happens = ({ refusals }: CloudEvents, what: string, look: () => boolean) =>
  expect.poll(() => ({ refusals, [what]: look() })).toEqual({ refusals: [], [what]: true });

/** Calls as clients do, at the front door. */
const atTheDoor = async (cloud: Cloud, token: string) => {
  const door = async (output: string) => {
    const serve = cloud.serve(cloud.outputs[output] ?? '');
    if (!serve) throw new Error(`nobody answers at ${output}`);
    return listen(serve);
  };
  const [mcp, api] = await Promise.all([door('McpUrl'), door('ApiUrl')]);
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
    close: () => Promise.all([mcp.close(), api.close()]),
  };
};
type Door = Awaited<ReturnType<typeof atTheDoor>>;

const everythingGoesWell = async (cloud: Cloud, told: CloudEvents, { call, ask }: Door) => {
  expect(await Promise.all(toolsOf(cloud).map(async (tool) => (await call(tool)).status))).not.toContain(500);
  expect((await ask('/v1/tools')).status).toBe(200);
  cloud.scheduler.start();
  await happens(told, 'the functions of schedules ran', () =>
    STARTED.every((stage) => stage === 'drill' || errors(cloud, stage) === 0),
  );
  await happens(told, 'the drill rang', () => cloud.metrics.find('Toolwatch', 'drill_critical').length > 0);
  await happens(told, 'calls are stored', () => errors(cloud, 'ingest') === 0);
};

/** Alarms tell e-mail, and a webhook that takes nothing. */
const somethingFires = async (cloud: Cloud, told: CloudEvents) => {
  const lost = { FunctionName: 'toolwatch-ingest' };
  cloud.metrics.put({ namespace: 'AWS/Lambda', name: 'DestinationDeliveryFailures', dimensions: lost }, 1);
  alarm(cloud);
  const topics = () => {
    const kept = Object.entries(cloud.sqs.report()).find(([name]) => name.includes('Undelivered'))?.[1] ?? [];
    return new Set(kept.map(({ body }) => JSON.parse(body).TopicArn));
  };
  await happens(told, 'what nobody took of each topic is kept', () => topics().size === 2);
};

/** Nobody signs in to the database any more, and what is needed is gone: every function that goes on says so in its log. */
const everythingGoesWrong = async (cloud: Cloud, told: CloudEvents, { call, ask }: Door, rows: Rows) => {
  const users = (await rows("select rolname from pg_roles where rolname like 'toolwatch\\_%' and rolcanlogin")).map(
    ({ rolname }) => String(rolname),
  );
  for (const user of users) await rows(`alter role ${user} nologin`);
  try {
    await rows(`select pg_terminate_backend(pid) from pg_stat_activity where usename like 'toolwatch\\_%'`);
    await Promise.all(['migrate', 'refresh', 'retention'].map((name) => invoke(cloud, name)));
    await ask('/v1/tools');
    await call('order_status', { order_id: 'A-1042' });
    const kept = () => cloud.s3.list(OPERATOR, cloud.s3.buckets()[0] ?? '').length > 0;
    await happens(told, 'what cannot be stored is kept', kept);
  } finally {
    for (const user of users) await rows(`alter role ${user} login`);
  }
  await cloud.lambda.remove('toolwatch-tool-order_status');
  await call('order_status', { order_id: 'A-1042' });
  await cloud.lambda.remove('toolwatch-gateway');
  await invoke(cloud, 'smoke');

  for (const name of STARTED) await cloud.lambda.remove(`toolwatch-${name}`);
  cloud.scheduler.start();
  const missed = () => Object.entries(cloud.sqs.report()).filter(([name]) => name.includes('MissedStarts'));
  await happens(told, 'missed starts are kept', () => missed().every(([, messages]) => messages.length > 0));
  expect(missed()).toHaveLength(STARTED.length);
};

interface AtWork {
  cloud: Cloud;
  told: CloudEvents;
  /** Of a client. */
  token: string;
  rows: Rows;
}

/**
 * Has a whole deployment, with the cut `sooner` and a webhook of `startRefusing` told by both topics, do everything it ever does:
 * calls and schedules, alarms and their dead letters, payloads that cannot be stored, starts that are missed, and every
 * function's complaint in its log. Rejects when something of it does not happen, with what was refused meanwhile.
 */
export const exerciseEverything = async ({ cloud, told, token, rows }: AtWork): Promise<void> => {
  const door = await atTheDoor(cloud, token);
  try {
    await everythingGoesWell(cloud, told, door);
    await somethingFires(cloud, told);
    await everythingGoesWrong(cloud, told, door, rows);
  } finally {
    await door.close();
  }
};
