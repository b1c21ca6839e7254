import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../../../lambdas/contract/api/calls.ts';
import type { Incident } from '../../../lambdas/contract/api/incidents.ts';
import type { ErrorGroup } from '../../../lambdas/contract/error-groups.ts';
import { LIVE } from '../../../lambdas/contract/live.ts';
import { problemOf } from '../../../lambdas/contract/problem.ts';
import { createGatewayFrom } from '../../../lambdas/gateway/index.ts';
import { describeDifference, summarizeCalls } from '../../../lambdas/telemetry/compare-calls.ts';
import compareVersions from '../../../lambdas/tools/compare-versions.ts';
import errorGroup from '../../../lambdas/tools/error-group.ts';
import explainAlert from '../../../lambdas/tools/explain-alert.ts';
import slowCalls from '../../../lambdas/tools/slow-calls.ts';
import { catalogueOf } from '../../../lib/tools/catalogue.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { serveFunctionUrl } from '../../support/function-url.ts';
import { FUNCTION_ENV } from '../../support/gateway-rig.ts';
import { type LocalFunction, serveLambda } from '../../support/lambda-endpoint.ts';
import { connect } from '../../support/mcp-client.ts';

/** The tools about telemetry as a model calls them: through the gateway, by a client of the official SDK. */

captureLines();
const TOOLS = [explainAlert, errorGroup, compareVersions, slowCalls];
const PREFIX = 'toolwatch-tool-';
/** What crowds no model's context, of everything that an answer is made of. */
const MAX_ANSWER_BYTES = 9_000;

type Request = Pick<APIGatewayProxyEventV2, 'rawPath' | 'headers'> & { queryStringParameters: Record<string, string> };
let answers: Record<string, unknown>;
let asked: Request[];
let lambda: Awaited<ReturnType<typeof serveLambda>>;
let door: Awaited<ReturnType<typeof serveFunctionUrl>>;
let client: Awaited<ReturnType<typeof connect>>;

const api: LocalFunction = async (event) => {
  const request = event as Request;
  asked.push(request);
  const answer = answers[request.rawPath];
  if (answer === undefined)
    return {
      statusCode: 404,
      body: JSON.stringify(problemOf(404, `There is nothing like ${request.rawPath}.`)),
    };
  return { statusCode: 200, body: JSON.stringify(typeof answer === 'function' ? answer(request) : answer) };
};

beforeAll(async () => {
  const functions = TOOLS.map((tool) => [`${PREFIX}${tool.facts.name}:${LIVE}`, tool as unknown as LocalFunction]);
  lambda = await serveLambda({ ...Object.fromEntries(functions), api });
  Object.assign(process.env, FUNCTION_ENV, {
    ...{ AWS_ENDPOINT_URL_LAMBDA: lambda.url, AWS_REGION: 'eu-central-1', API_FUNCTION: 'api', AWS_MAX_ATTEMPTS: '1' },
    ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  });
  const gateway = createGatewayFrom(
    { ...FUNCTION_ENV, REQUEST_LINES: 'refusals', TOOL_FUNCTION_PREFIX: PREFIX },
    catalogueOf(TOOLS),
  );
  door = await serveFunctionUrl(gateway);
  client = await connect(`${door.url}/mcp`, '2026-07-28');
});
afterAll(async () => {
  await client?.close();
  await door?.close();
  await lambda?.close();
});
beforeEach(() => {
  answers = {};
  asked = [];
});
afterEach(() => {
  process.env.TOOLWATCH_TENANTS = 'off';
});

const call = async (name: string, args: Record<string, unknown>) => {
  const result = await client.callTool({ name, arguments: args });
  expect(Buffer.byteLength(JSON.stringify(result.structuredContent ?? {}))).toBeLessThan(MAX_ANSWER_BYTES);
  return result as unknown as { isError?: boolean; structuredContent: Answer; content: { text: string }[] };
};

/** As much of the answers as the tests read. */
interface Answer {
  readonly groups: readonly unknown[];
  readonly examples: readonly unknown[];
  readonly calls: readonly Call[];
  readonly omitted: number;
  readonly more: boolean;
  readonly before: { readonly version: string };
  readonly after: { readonly version: string };
  readonly difference: string;
  readonly tools: readonly { readonly tool: string; readonly failures: readonly unknown[] }[];
}

const LONG = '€'.repeat(2_000);
const aGroup = (given: Partial<ErrorGroup> = {}): ErrorGroup => ({
  ...{ group_id: '0123456789abcdef', fingerprint: 'f', state: 'new', kind: 'tool', name: 'a_tool' },
  ...{
    error_code: 'UPSTREAM_ERROR',
    error_type: 'http_503',
    error_message: LONG,
    fault: 'dependency',
    provider: 'shop',
  },
  ...{ calls: 5, calls_24h: 5, users: 2, tenants: 1, first_version: '1', last_version: '2' },
  ...{ first_seen_at: '2026-11-20T12:00:00.000Z', last_seen_at: '2026-11-20T12:00:00.000Z' },
  ...{ last_event_id: '01a1fb29-5fe3-7a57-84c8-8f6a188b3c62', last_correlation_id: null, last_trace_id: null },
  ...{ resolved_in_version: null, muted_until: null, state_changed_at: null, state_changed_by: null },
  ...{ state_reason: null, regressed_at: null, regressed_version: null },
  ...given,
});
const aCall = (given: Partial<Call> = {}): Call => ({
  ...{ event_id: '01a1fb29-5fe3-7a57-84c8-8f6a188b3c62', started_at: '2026-11-20T12:00:00.000Z', kind: 'tool' },
  ...{ name: 'a_tool', tenant_id: '-', version: '1', duration_ms: 100, cold_start: false, success: true },
  ...{ error_code: null, error_type: null, error_message: null, fault: null, group_id: null, attempts: 1 },
  ...{ client_name: null, user_id: null, session_id: null, provider: null, correlation_id: 'c' },
  ...{ parent_id: null, replay_of: null },
  ...given,
});
const FRESH = { refreshed_at: null, age_seconds: null };

test('all only read, and say so to whoever chooses a tool', async () => {
  const { tools } = await client.listTools();
  expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual(
    TOOLS.map(({ facts }) => [facts.name, true]),
  );
});

describe('explain_alert', () => {
  test('says what an alarm means, where to look and what to do, with the facts about its tool', async () => {
    answers = {
      '/v1/tools': { ...FRESH, tools: [] },
      '/v1/error-groups': {
        ...FRESH,
        groups: [aGroup(), aGroup({ fault: 'ours', error_message: 'IGNORE ALL' })],
        next: null,
      },
    };
    const { structuredContent } = await call('explain_alert', { alert: 'tool/a_tool/failing' });
    expect(structuredContent).toMatchObject({
      ...{ alarm: 'tool/a_tool/failing', heading: 'tool/*/failing', provider: null, omitted: 0, incident: null },
      runbook: expect.stringMatching(/^\*\*Means\*\*[\s\S]*\*\*Look\*\*[\s\S]*\*\*Do\*\*/),
      tools: [
        { tool: 'a_tool', health: null, failures: [{ fault: 'dependency' }, { fault: 'ours', error_message: null }] },
      ],
    });
    expect(asked.find(({ rawPath }) => rawPath === '/v1/error-groups')?.queryStringParameters).toMatchObject({
      tool: 'a_tool',
    });
  });

  test('asks nothing of the store about an alarm of the pipeline, and knows the names of contributors', async () => {
    expect((await call('explain_alert', { alert: 'pipeline/store-down' })).structuredContent).toMatchObject({
      tools: [],
    });
    expect(asked).toEqual([]);
  });

  test.each(['tool/a/nothing-like-it', '__proto__/x', '../../etc/passwd', 'a/b'])(
    '%s is no alarm, and the caller reads so',
    async (alert) => {
      const { isError, content } = await call('explain_alert', { alert });
      expect([isError, content[0]?.text]).toEqual([true, expect.stringContaining('No alarm is called')]);
    },
  );

  test('an incident is the operator’s, and one that is none is the caller’s mistake', async () => {
    const missing = await call('explain_alert', { alert: 'nothing' });
    expect([missing.isError, missing.content[0]?.text]).toEqual([
      true,
      expect.stringContaining('nothing like /v1/incidents/nothing'),
    ]);
    process.env.TOOLWATCH_TENANTS = 'on';
    asked = [];
    const refused = await call('explain_alert', { alert: 'nothing' });
    expect([refused.content[0]?.text, asked]).toEqual([
      expect.stringContaining('Only the operator sees incidents'),
      [],
    ]);
  });
});

describe('explain_alert of an incident', () => {
  const anIncident = (given: Partial<Incident>): Incident => ({
    ...{ incident_id: 'i', cause: 'tool/a_tool', state: 'open', severity: 'critical', title: LONG },
    ...{ began_at: '2026-11-20T12:00:00.000Z', ended_at: null, duration_seconds: 60, messages: 1, times_reopened: 0 },
    ...{ members: ['tool/a_tool/failing'], tool: 'a_tool', runbook: 'tool/*/failing', calls: 9, bad_calls: 5 },
    ...{ alarm: 'tool/a_tool/failing', users: 2, peak_pct: 50, version_at_end: null, acknowledged: null },
    ...given,
  });
  const explain = async (given: Partial<Incident>) => {
    const incident = anIncident(given);
    answers = {
      [`/v1/incidents/${encodeURIComponent(incident.incident_id)}`]: {
        ...{ incident, messages: [], deliveries: [], deployments: [], changes: [] },
        history: {
          ...{ seen_before: 0, last_began_at: null, last_state: null, last_duration_seconds: null },
          ...{ last_version_at_end: null, deployed_version: null, deployed_at: null },
        },
      },
      '/v1/tools': { ...FRESH, tools: [] },
      '/v1/error-groups': { ...FRESH, groups: [aGroup(), aGroup(), aGroup()], next: null },
    };
    return (await call('explain_alert', { alert: incident.incident_id })).structuredContent;
  };

  test.each(['tool/a_tool', 'pipeline/store-down', 'own/queue', 'provider/shop', 'alert-rule/orders-fail'])(
    'whose cause is %s is known by its id',
    async (cause) => {
      const incident_id = `${cause}@2026-11-20T12:00:00.000Z`;
      expect(await explain({ incident_id, cause })).toMatchObject({ incident: { incident_id } });
    },
  );

  test('of a provider is explained by the alarm of the provider, with the facts of each of its tools', async () => {
    const members = ['tool/one/failing', 'tool/two/slow', 'provider/shop/failing', 'tool/one/slow'];
    const cause = 'provider/shop';
    const alarm = 'provider/shop/failing';
    expect(
      await explain({ incident_id: `${cause}@2026-11-20T12:00:00.000Z`, cause, alarm, members, tool: null }),
    ).toMatchObject({
      ...{ alarm: 'provider/shop/failing', heading: 'provider/*/failing', provider: 'shop' },
      tools: [{ tool: 'one' }, { tool: 'two' }],
    });
  });

  test('of very many tools says how many are omitted', async () => {
    const members = Array.from({ length: 40 }, (_, at) => `tool/tool_${at}/failing`);
    const { tools, omitted } = await explain({ cause: 'provider/shop', members });
    expect(tools.length).toBeGreaterThan(0);
    expect(tools.length + omitted).toBe(40);
  });
});

describe('error_group', () => {
  test('stays small with fifty groups of long messages, and says how many are omitted', async () => {
    answers = { '/v1/error-groups': { ...FRESH, groups: Array.from({ length: 50 }, () => aGroup()), next: 'more' } };
    const { structuredContent } = await call('error_group', { limit: 50 });
    expect(structuredContent.groups.length + structuredContent.omitted).toBe(50);
    expect([structuredContent.groups.length > 5, structuredContent.more]).toEqual([true, true]);
  });

  test('one has its newest calls; one that is none is the caller’s mistake', async () => {
    const example = {
      ...{ event_id: '01a1fb29-5fe3-7a57-84c8-8f6a188b3c62', started_at: '2026-11-20T12:00:00.000Z', version: '1' },
      ...{ duration_ms: 5, correlation_id: 'c', trace_id: null, client_name: null },
    };
    const report = { ...FRESH, group: aGroup(), examples: Array(20).fill(example), trend: [] };
    answers = { '/v1/error-groups/0123456789abcdef': report };
    const { structuredContent } = await call('error_group', { group_id: '0123456789abcdef' });
    expect([structuredContent.groups.length, structuredContent.examples.length]).toEqual([1, 5]);
    expect((await call('error_group', { group_id: 'fedcba9876543210' })).content[0]?.text).toContain(
      'There is nothing like',
    );
  });
});

test('slow_calls answers with the slowest first, and no more than a model can read', async () => {
  const calls = Array.from({ length: 100 }, (_, n) =>
    aCall({ duration_ms: 1_000 + ((n * 37) % 100), error_message: LONG }),
  );
  answers = { '/v1/calls': { calls, next: 'more' } };
  const { structuredContent } = await call('slow_calls', { tool: 'a_tool', limit: 50 });
  const durations = structuredContent.calls.map(({ duration_ms }: Call) => duration_ms);
  expect(durations).toEqual([...durations].sort((one: number, other: number) => other - one));
  expect(durations.length + structuredContent.omitted).toBe(100);
  expect(structuredContent.more).toBe(true);
  expect(asked[0]?.queryStringParameters).toEqual({
    tool: 'a_tool',
    kind: 'tool',
    min_ms: '1000',
    minutes: '60',
    limit: '100',
  });
});

describe('compare_versions', () => {
  const failing = {
    success: false,
    error_code: 'UPSTREAM_ERROR',
    error_type: 'http_503',
    fault: 'dependency',
  } as const;
  const mistake = { success: false, error_code: 'INVALID_INPUT', fault: 'caller' } as const;
  const callsLike = (count: number, given: Partial<Call> = {}) => Array.from({ length: count }, () => aCall(given));
  /** Deployments are given newest first, as the api answers them. */
  const answerWith = (versions: readonly string[], callsOf: Record<string, Call[]> = {}) => {
    const deployments = versions.map((version, at) => ({
      ...{ version, environment: 'test', migrations: [] },
      started_at: new Date(Date.UTC(2026, 10, 20) - at * 60_000).toISOString(),
    }));
    answers = {
      '/v1/deployments': { ...FRESH, deployments, tools: [] },
      '/v1/calls': ({ queryStringParameters: { version = '' } }: Request) => ({
        calls: callsOf[version] ?? [],
        next: null,
      }),
    };
  };
  const compare = async (args: object = {}) => {
    const { structuredContent: found } = await call('compare_versions', { tool: 'a_tool', ...args });
    return { order: [found.before.version, found.after.version], difference: found.difference };
  };

  test('compares the newest two versions, and says what is worse', async () => {
    const slow = callsLike(30, { duration_ms: 400 });
    answerWith(['2', '2', '1'], { '2': [...slow, ...callsLike(30, failing)], '1': callsLike(30) });
    expect((await call('compare_versions', { tool: 'a_tool' })).structuredContent).toEqual({
      tool: 'a_tool',
      before: expect.objectContaining({ version: '1', calls: 30, failure_pct: 0, p95_ms: 100 }),
      after: expect.objectContaining({ version: '2', failure_pct: 50, p95_ms: 400, most_common_error: 'http_503' }),
      difference: '2 fails more often than 1. 2 is slower than 1.',
    });
  });

  test('the version whose first deployment was earlier is the one before, in whatever order they are written', async () => {
    answerWith(['3', '2', '1']);
    expect((await compare({ before: '3', after: '1' })).order).toEqual(['1', '3']);
    expect((await compare({ before: '1', after: '3' })).order).toEqual(['1', '3']);
    expect((await compare({ before: '3' })).order).toEqual(['2', '3']);
    expect((await compare({ after: '2' })).order).toEqual(['1', '2']);
    answerWith(['1', '2', '1']); // back to 1
    expect((await compare()).order).toEqual(['1', '2']);
  });

  test('versions whose deployments are not known are in the order in which they were seen', async () => {
    const at = (started_at: string) => [aCall({ started_at }), aCall({ started_at: '2026-11-25T00:00:00.000Z' })];
    const callsOf = { old: at('2026-11-21T00:00:00.000Z'), new: at('2026-11-22T00:00:00.000Z') };
    answerWith(['x'], callsOf);
    expect((await compare({ before: 'new', after: 'old' })).order).toEqual(['old', 'new']);
    expect((await compare({ before: 'old', after: 'x' })).order).toEqual(['x', 'old']);
    expect((await compare({ before: 'gone', after: 'old' })).order).toEqual(['gone', 'old']);
  });

  test.each([{}, { before: '1', after: '1' }])('without two versions it is said what to write, %j', async (args) => {
    answerWith(['1']);
    const { isError, content } = await call('compare_versions', { tool: 'a_tool', ...args });
    expect([isError, content[0]?.text]).toEqual([
      true,
      'INVALID_INPUT: Write two different versions as before and after.',
    ]);
  });

  test('too few calls of what is compared prove nothing, and it is said how many it takes', () => {
    const before = { version: '1', calls: callsLike(100) };
    const differenceTo = (calls: Call[]) => describeDifference(before, { version: '2', calls });
    const fewFailures =
      'Too few calls to compare failures: version 2 has 1, and each needs 20 that did not fail by their caller’s fault.';
    const fewDurations = (count: number) =>
      `Too few calls to compare durations: version 2 has ${count}, and each needs 20 that succeeded.`;
    expect(differenceTo([aCall()])).toBe(`${fewFailures} ${fewDurations(1)}`);
    expect(differenceTo([...callsLike(50, mistake), aCall(failing)])).toBe(`${fewFailures} ${fewDurations(0)}`);
    expect(differenceTo([...callsLike(50, failing), aCall({ duration_ms: 9_000 })])).toBe(
      `2 fails more often than 1. ${fewDurations(1)}`,
    );
  });

  test('one call alone is no difference, and more than chance is one', () => {
    const before = { version: '1', calls: callsLike(100) };
    const differenceTo = (calls: Call[]) => describeDifference(before, { version: '2', calls });
    const none = 'Failures do not clearly differ. Durations do not clearly differ.';
    expect(differenceTo([...callsLike(20), aCall(failing), ...callsLike(2, { duration_ms: 9_000 })])).toBe(none);
    expect(differenceTo([...callsLike(60), ...callsLike(20, failing), ...callsLike(20, { duration_ms: 400 })])).toBe(
      '2 fails more often than 1. 2 is slower than 1.',
    );
    expect(describeDifference({ version: '2', calls: callsLike(40, { duration_ms: 400 }) }, before)).toBe(
      'Failures do not clearly differ. 1 is faster than 2.',
    );
  });

  test('callers’ mistakes are no failures, and any calls have figures', () => {
    const figuresOf = (calls: Call[]) => summarizeCalls({ version: '1', calls });
    expect(figuresOf(callsLike(30, mistake))).toMatchObject({
      calls: 30,
      failures: 0,
      failure_pct: null,
      p95_ms: null,
    });
    const anyCall = fc.record({ success: fc.boolean(), duration_ms: fc.double({ min: 0, max: 9e8, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 100 }), (given) => {
        const calls = given.map((each) => aCall({ ...each, fault: each.success ? null : 'ours' }));
        const { p50_ms, p95_ms, failure_pct } = figuresOf(calls);
        const durations = given.flatMap(({ success, duration_ms }) => (success ? [duration_ms] : []));
        if (durations.length === 0) expect([p50_ms, p95_ms]).toEqual([null, null]);
        else expect(p95_ms ?? -1).toBeGreaterThanOrEqual(p50_ms ?? 0);
        if (failure_pct !== null) expect(failure_pct).toBeLessThanOrEqual(100);
        const same = { version: '2', calls };
        expect(describeDifference({ version: '1', calls }, same)).not.toMatch(/more often|less often|slower|faster/);
      }),
    );
  });
});

test('each asks for its caller’s tenant only', async () => {
  process.env.TOOLWATCH_TENANTS = 'on';
  answers = {
    '/v1/tools': { ...FRESH, tools: [] },
    '/v1/error-groups': { ...FRESH, groups: [], next: null },
    '/v1/calls': { calls: [], next: null },
    '/v1/deployments': { ...FRESH, deployments: [], tools: [] },
  };
  await call('explain_alert', { alert: 'tool/a_tool/failing' });
  await call('error_group', {});
  await call('slow_calls', {});
  await call('compare_versions', { tool: 'a_tool', before: '1', after: '2' });
  expect(asked.length).toBeGreaterThanOrEqual(7);
  expect(new Set(asked.map(({ headers }) => headers['x-tenant-id']))).toEqual(new Set(['default']));
});
