import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import {
  PROGRESS_INTERVAL_MS,
  PROGRESS_MESSAGE_LENGTH,
  type Progress,
  READS_PROGRESS_KEY,
} from '../../../lambdas/contract/progress.ts';
import type { LambdaContext } from '../../../lambdas/observe/call/incoming.ts';
import type { ReportProgress } from '../../../lambdas/observe/call/scope.ts';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();

type Work = (progress: ReportProgress) => unknown;

const defineProgressTool = (work: Work, facts: { progress?: boolean } = { progress: true }) =>
  defineTool({
    name: 'slow',
    description: 'Takes its time. Use it in tests.',
    input: z.object({}),
    output: z.object({ done: z.boolean() }),
    readOnly: true,
    timeoutSeconds: 5,
    alarms: {},
    ...facts,
  }).run(async (_, { progress }) => {
    await work(progress);
    return { done: true };
  });

/** What Lambda's runtime gives the code that it loads. */
const asInLambda = <Result>(define: () => Result): Result => {
  vi.stubGlobal('awslambda', { streamifyResponse: (handler: unknown) => handler });
  try {
    return define();
  } finally {
    vi.unstubAllGlobals();
  }
};

const readsProgress = (): LambdaContext => {
  const context = aContext();
  return {
    ...context,
    clientContext: {
      custom: { ...(context.clientContext as { custom: object }).custom, [READS_PROGRESS_KEY]: 'yes' },
    },
  };
};

/** Runs work as Lambda runs a streaming handler: what was streamed before the reply, and the reply. */
const stream = async (work: Work, context = readsProgress()) => {
  const tool = asInLambda(() => defineProgressTool(work));
  let text = '';
  const response = {
    write: (part: string) => {
      text += part;
    },
    end: (part: string, onEnd: () => void) => {
      text += part;
      onEnd();
    },
  };
  const handler = tool as unknown as (event: unknown, response: object, context: LambdaContext) => Promise<void>;
  await handler({}, response, context);
  const parts = text.split('\n');
  return {
    reports: parts.slice(0, -1).map((part) => JSON.parse(part) as Progress),
    reply: JSON.parse(parts.at(-1) ?? '') as unknown,
    lineCount: () => text.split('\n').length,
  };
};

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('progress', () => {
  test('is streamed before the reply, which is the same as without', async () => {
    const { reports, reply } = await stream(async (progress) => {
      progress(1);
      await wait(PROGRESS_INTERVAL_MS);
      progress(2, 4, 'two of four');
    });
    expect(reports).toEqual([{ progress: 1 }, { progress: 2, total: 4, message: 'two of four' }]);
    expect(reply).toEqual({ done: true });
    expect(lines.records()).toMatchObject([{ name: 'slow', success: true }]);
  });

  test('is sent twice a second at most, and then the latest', async () => {
    const { reports } = await stream(async (progress) => {
      for (let step = 1; step <= 20; step += 1) {
        progress(step);
        await wait(PROGRESS_INTERVAL_MS / 5);
      }
    });
    expect(reports.map(({ progress }) => progress)).toEqual([1, 5, 10, 15, 20]);
  });

  test('that does not grow is not sent', async () => {
    const { reports } = await stream(async (progress) => {
      for (const done of [0, 0, 3, 2, 3, 4]) {
        progress(done);
        await wait(PROGRESS_INTERVAL_MS);
      }
    });
    expect(reports.map(({ progress }) => progress)).toEqual([0, 3, 4]);
  });

  test('after the end is not sent', async () => {
    let report: ReportProgress = () => {};
    const { lineCount } = await stream((progress) => {
      report = progress;
      progress(1);
      progress(2);
    });
    const before = lineCount();
    report(3);
    await wait(10 * PROGRESS_INTERVAL_MS);
    expect(lineCount()).toBe(before);
  });

  test('has a message of bounded length, on one line and without secrets', async () => {
    const { reports } = await stream((progress) => progress(1, 2, `password=hunter2hunter2\n${'é'.repeat(1_000)}`));
    const [{ message = '' } = {}] = reports;
    expect(message.startsWith('password=[redacted] é')).toBe(true);
    expect(message.length).toBeLessThanOrEqual(PROGRESS_MESSAGE_LENGTH);
  });

  test('of any kind never breaks the tool, and what is sent is always right', async () => {
    const anything = fc.oneof(
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -0, 1e308, undefined, null),
      fc.double(),
      fc.nat(10),
      fc.anything(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(anything, anything, anything), { maxLength: 6 }), async (given) => {
        const { reports, reply } = await stream(async (progress) => {
          for (const [done, total, message] of given) {
            (progress as (...values: unknown[]) => void)(done, total, message);
            await wait(PROGRESS_INTERVAL_MS);
          }
        });
        expect(reply).toEqual({ done: true });
        const sent = reports.map(({ progress }) => progress);
        expect(sent.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
        expect(sent.every((value, at) => at === 0 || value > (sent[at - 1] ?? 0))).toBe(true);
        for (const { total, message } of reports) {
          if (total !== undefined) expect(Number.isFinite(total)).toBe(true);
          if (message !== undefined) expect(message.length).toBeLessThanOrEqual(PROGRESS_MESSAGE_LENGTH);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('that a stream refuses does not break the tool', async () => {
    const tool = asInLambda(() => defineProgressTool((progress) => progress(1)));
    const broken = {
      write: () => {
        throw new Error('the client has gone');
      },
      end: (_: string, onEnd: () => void) => onEnd(),
    };
    await (tool as unknown as (...values: unknown[]) => Promise<void>)({}, broken, readsProgress());
    expect(lines.records()).toMatchObject([{ success: true }]);
  });
});

describe('nothing is sent', () => {
  test('to a caller that does not read progress', async () => {
    const { reports, reply } = await stream((progress) => progress(1), aContext());
    expect([reports, reply]).toEqual([[], { done: true }]);
  });

  test('by a tool that is called outside of Lambda, or by other code, or that does not say that it reports', async () => {
    const work: Work = (progress) => progress(1);
    expect(await defineProgressTool(work)({}, readsProgress())).toEqual({ done: true });
    expect(await asInLambda(() => defineProgressTool(work))({}, readsProgress())).toEqual({ done: true });
    expect(await asInLambda(() => defineProgressTool(work, {}))({}, readsProgress())).toEqual({ done: true });
  });
});
