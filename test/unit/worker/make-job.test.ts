import { expect, test } from 'vitest';
import type { ClaimedJob } from '../../../lambdas/contract/jobs/store-requests.ts';
import type { CatalogueEntry } from '../../../lambdas/invoke/catalogue.ts';
import type { InvokeOutcome, InvokeRequest } from '../../../lambdas/invoke/invoke.ts';
import { makeJob } from '../../../lambdas/worker/make-job.ts';

const JOB_ID = '01a22f8c-baab-7000-8000-000000001516';
const job: ClaimedJob = {
  ...{ job_id: JOB_ID, origin: 'hook', source: 'shop', tool: 'place_order', tenant_id: 'default' },
  ...{ received_at: '2026-12-01T03:00:00.000Z', max_attempts: 8, attempt: 1 },
  payload: Buffer.from('{"sku":"LAM-108"}').toString('base64'),
};
const tool = { name: 'place_order', timeoutSeconds: 10 } as CatalogueEntry;

/** Makes the job with a tool whose function ends so. */
const makeWith = async (outcome: InvokeOutcome) => {
  const invoked: InvokeRequest[] = [];
  const recorded: string[] = [];
  const made = await makeJob(
    {
      functionPrefix: 'toolwatch-tool-',
      invoke: async (request) => {
        invoked.push(request);
        return outcome;
      },
      recordInvokeFailure: (_, { type }) => recorded.push(type),
    },
    {
      ...{ job, tool, attemptId: JOB_ID, awsRequestId: 'r-1', argument: undefined, maxMs: 60_000 },
      onProgress: async () => {},
    },
  );
  return { made, invoked, recorded };
};

test('the tool gets what arrived as its arguments, and its output is a success', async () => {
  const { made, invoked, recorded } = await makeWith({ reply: { order_id: 'A-1' } });
  expect(invoked).toMatchObject([
    { functionName: 'toolwatch-tool-place_order:live', args: { sku: 'LAM-108' }, timeoutMs: 30_000 },
  ]);
  expect([made, recorded]).toEqual([{ callId: expect.any(String) }, []]);
});

test('a failure of the tool is its own, and whether it may be repeated follows from its code', async () => {
  const failure = { isError: true, fault: 'dependency', message: 'm', retryable: true, correlation_id: 'c' };
  for (const [code, mayHaveRun] of [
    ['UPSTREAM_ERROR', true],
    ['RATE_LIMITED', false],
  ] as const) {
    const { made, recorded } = await makeWith({ reply: { ...failure, code } });
    expect([made.failure, recorded]).toEqual([expect.objectContaining({ code, retryable: true, mayHaveRun }), []]);
  }
});

test.each<[string, unknown]>([
  ['a list', [1]],
  ['nothing', undefined],
  ['an error that is no failure of a tool', { isError: true, text: 'no' }],
])('a reply that is %s is neither, which the worker records on behalf of the tool', async (_, reply) => {
  const { made, recorded } = await makeWith({ reply });
  expect(made.failure).toMatchObject({ code: 'INTERNAL_ERROR', type: 'invalid_reply', retryable: false });
  expect(recorded).toEqual(['invalid_reply']);
});
