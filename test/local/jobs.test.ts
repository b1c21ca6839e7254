import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import type { AcceptedJob } from '../../lambdas/contract/jobs/job.ts';
import { createUuidV7 } from '../../lambdas/observe/line/uuid.ts';
import type { HttpApiSettings } from '../../lib/settings/front-door-settings.ts';
import { removePermissionOn, type TemplateEdit } from '../../local/template-edits.ts';
import { listen } from '../support/http-server.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { invoke, OPERATOR } from '../support/through-cloud.ts';

const JOBS = 100;
const ORDER = { sku: 'LAM-108', quantity: 1 };
const effects = new Map<string, number>();
/** A shop that sells once for each key. One time in twenty its first answer is lost, although the order is placed. */
const shop = createServer((request, response) => {
  const key = String(request.headers['idempotency-key']);
  effects.set(key, (effects.get(key) ?? 0) + 1);
  if (effects.size % 20 === 0 && effects.get(key) === 1) return request.socket.destroy();
  const receipt = { order_id: key.slice(-8), total_cents: 100 };
  return response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(receipt));
});

let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  const schedule = { name: 'nightly', tool: 'place_order', arguments: ORDER, at: 'rate(1 hour)', timeZone: 'UTC' };
  template = await prepareTemplate({
    jobs: { concurrency: 10, attempts: 8, schedules: [schedule] },
    hooks: [{ source: 'github', scheme: 'github', tool: 'place_order', maxBytes: 100_000, toleranceSeconds: 300 }],
  });
});
afterAll(async () => {
  await template?.clear();
  shop.close();
});

const orderHere: TemplateEdit = (resources) => {
  const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  for (const { Properties } of Object.values(resources)) {
    const variables = (Properties.Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables;
    if (variables?.SHOP_URL !== undefined) variables.SHOP_URL = url;
  }
};
const queueOf = (cloud: Cloud, part: RegExp): string =>
  Object.keys(cloud.sqs.report()).find((name) => part.test(name)) ?? '';
const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

const aMessage = (given: Partial<AcceptedJob>, args: object): string =>
  JSON.stringify({
    ...{ job_id: createUuidV7(Date.now()), origin: 'hook', source: 'shop', tool: 'place_order', max_attempts: 8 },
    ...{ tenant_id: 'default', received_at: new Date().toISOString() },
    payload: Buffer.from(JSON.stringify(args)).toString('base64'),
    ...given,
  } satisfies AcceptedJob);

/** Ends the processes of a function that this test has started. */
const killFunction = (name: string): void => {
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const parent = / (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) \S/, ''))?.[1];
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      if (Number(parent) !== process.pid || !environment.includes(`AWS_LAMBDA_FUNCTION_NAME=toolwatch-${name}\0`))
        continue;
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
};

const countOf = async (statuses: string): Promise<number> =>
  Number((await template.rows(`select count(*) from ops.jobs where status in (${statuses})`))[0]?.count);

test('whatever ends meanwhile, each job has its effect, is processed, and keeps its key', {
  timeout: 240_000,
}, async () => {
  await template.withEdit(orderHere, async (cloud) => {
    const queue = arnOf(queueOf(cloud, /JobsQueue(?!.*DeadLetters)/));
    cloud.start();
    const ids: string[] = [];
    for (let at = 0; at < JOBS; at += 1) {
      const job_id = createUuidV7(Date.now());
      ids.push(job_id);
      cloud.sqs.send(OPERATOR, queue, aMessage({ job_id, delivery_key: `d${at}` }, ORDER));
      // What is delivered twice is one job.
      if (at % 10 === 0) cloud.sqs.send(OPERATOR, queue, aMessage({ delivery_key: `d${at}` }, ORDER));
    }
    for (const poison of ['no JSON', '{}', aMessage({}, {}).replace('"hook"', '"nobody"')])
      cloud.sqs.send(OPERATOR, queue, poison);
    const refused = createUuidV7(Date.now());
    cloud.sqs.send(OPERATOR, queue, aMessage({ job_id: refused }, { sku: 'x', quantity: 1 }));

    const until = Date.now() + 150_000;
    for (let round = 0; Date.now() < until; round += 1) {
      await sleep(1_000);
      // While some of them have been made: the worker ends, or the store's connections do.
      if (round % 4 === 1 && round < 12) killFunction('worker');
      if (round % 4 === 3 && round < 12)
        await template.rows("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'toolwatch_jobs'");
      // Nobody waits for leases and retries here.
      if (round % 4 === 2) {
        const ended =
          "set leased_until = now() where status = 'processing' and leased_until < now() + interval '95 seconds'";
        await template.rows(`update ops.jobs ${ended}`);
        await template.rows("update ops.jobs set due_at = now() where status = 'pending'");
        void invoke(cloud, 'worker').catch(() => {});
      }
      if ((await countOf("'processed'")) >= JOBS + 1 && (await countOf("'pending', 'processing'")) === 0) break;
    }
    const left = await template.rows(
      "select status, attempts, error_code, error_message from ops.jobs where status <> 'processed'",
    );
    expect(left).toEqual([expect.objectContaining({ status: 'error', attempts: 1, error_code: 'INVALID_INPUT' })]);
    for (const id of ids) expect(effects.get(id)).toBeGreaterThan(0);
    // The schedule's first start is at once, and its job is one more.
    expect(effects.size).toBe(JOBS + 1);
    const dead = cloud.sqs.report()[queueOf(cloud, /JobsQueue.*DeadLetters/)] ?? [];
    expect(dead).toHaveLength(3);
  });
});

const SECRET = 'a-secret-of-the-sender';
const BODY = JSON.stringify(ORDER);
const sign = (body: string, secret = SECRET) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** Sends hooks to where the output says, as GitHub does. */
const receiveHooks = async (cloud: Cloud) => {
  const { HooksUrl = '' } = cloud.outputs;
  const serve = cloud.serve(HooksUrl);
  if (!serve) throw new Error('nothing answers at HooksUrl');
  const server = await listen(serve);
  cloud.secrets.provide('toolwatch/HOOK_GITHUB', SECRET);
  const send = async (delivery: string, { body = BODY, signature = sign(body), source = 'github' } = {}) => {
    const headers = { 'content-type': 'application/json', 'x-github-delivery': delivery };
    const url = `${server.url}${new URL(HooksUrl).pathname}${source}`;
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'x-hub-signature-256': signature },
      body,
    });
    return { status: response.status, headers: response.headers, answer: await response.json() };
  };
  return { send, close: () => server.close() };
};

test('a signed hook becomes one job and one order, and no other request does', { timeout: 120_000 }, async () => {
  await template.withEdit(orderHere, async (cloud, events) => {
    const { send, close } = await receiveHooks(cloud);
    cloud.start();
    const first = await send('d-1');
    expect(first).toMatchObject({ status: 202, answer: { job_id: expect.any(String) } });
    expect(await send('d-1')).toMatchObject({ status: 202 });
    expect(await send('d-2', { signature: sign(BODY, 'another secret') })).toMatchObject({ status: 401 });
    expect(await send('d-3', { source: 'nobody' })).toMatchObject({ status: 404 });
    const large = 'a'.repeat(100_001);
    expect(await send('d-4', { body: large })).toMatchObject({ status: 413 });
    expect(await send('d-5', { body: '[1]' })).toMatchObject({ status: 400 });
    const jobs = () => template.rows("select status, delivery_key, origin from ops.jobs where source = 'github'");
    await expect
      .poll(jobs, { timeout: 60_000 })
      .toEqual([{ status: 'processed', delivery_key: 'd-1', origin: 'hook' }]);
    expect(effects.get(first.answer.job_id)).toBe(1);
    expect(
      await template.rows("select source, status from analytics.webhook_events where source = 'github'"),
    ).toHaveLength(1);
    expect(events.refusals).toEqual([]);
    await close();
  });
});

test('a hook that the queue does not take is answered 503, behind the HTTP API too', { timeout: 120_000 }, async () => {
  const frontDoor: HttpApiSettings = {
    kind: 'http-api',
    ...{
      openHealth: false,
      origins: [],
    },
    throttle: { rate: 1_000, burst: 1_000 },
  };
  const refuseQueue = removePermissionOn('-hooks', 'sqs:SendMessage', 'JobsQueue');
  await template.withSettings({ frontDoor }).withEdit(refuseQueue, async (cloud) => {
    const { send, close } = await receiveHooks(cloud);
    const { status, headers } = await send('d-6');
    expect([status, Number(headers.get('retry-after'))]).toEqual([503, expect.any(Number)]);
    expect(await send('d-7', { signature: sign('another body') })).toMatchObject({ status: 401 });
    await close();
  });
});
