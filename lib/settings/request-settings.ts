import * as z from 'zod';
import { REQUEST_LINES, type RequestLines } from '../../lambdas/contract/vocabulary.ts';
import type { FrontDoorSettings } from './front-door-settings.ts';

export const requestSettings = z
  .strictObject({
    lines: z
      .enum(REQUEST_LINES)
      .optional()
      .describe(
        'Which requests of the gateway and of the api have a line, where no tool’s line stands for them: those that ' +
          '`failures` of ours ended, also those that were refused (`refusals`), or `all`, so that successes are counted ' +
          'too. Default: `all`; with lean monitoring `refusals`, because lines cost as much as those of calls.',
      ),
    recordIp: z.boolean().default(false).describe('Whether the lines of requests have the addresses of clients.'),
    sessionHandles: z
      .boolean()
      .default(false)
      .describe(
        'Each answer to an MCP client carries a signed handle, in the header `x-toolwatch-session` and in the `_meta` ' +
          'of results under `toolwatch/session`. The calls of a client that sends it back, in either place, are one ' +
          'session for seven days, also in protocols without sessions. It requires `userHashKey`, which signs.',
      ),
    unverifiedTokens: z
      .boolean()
      .default(false)
      .describe(
        'With Function URLs, whether a bearer token in `authorization` or `x-forwarded-authorization` that nothing ' +
          'has verified may label calls with its `sub`, its client and `sourceGptClaim`. Such labels are listed under ' +
          '`unverified` in the metadata, and give nobody a tenant or a right.',
      ),
    sourceGptClaim: z
      .string()
      .min(1)
      .optional()
      .describe('The claim of tokens that names the GPT or agent that calls; it becomes `source_gpt`.'),
  })
  .prefault({})
  .describe('What is recorded of HTTP requests, and of who sends them.');

export type RequestSettings = z.output<typeof requestSettings>;

/** Which requests have a line. */
export const requestLinesOf = ({
  requests: { lines },
  monitoring,
}: {
  requests: RequestSettings;
  monitoring: 'full' | 'lean';
}): RequestLines => lines ?? (monitoring === 'lean' ? 'refusals' : 'all');

/** Settings that contradict each other, in sentences that say what to write. */
export function validateRequestSettings(
  { sessionHandles, unverifiedTokens, sourceGptClaim }: RequestSettings,
  { userHashKey, frontDoor }: { userHashKey?: string | undefined; frontDoor: FrontDoorSettings },
): string[] {
  const verifiesTokens = frontDoor.kind === 'http-api';
  return [
    ...(sessionHandles && !userHashKey
      ? ['Setting requests.sessionHandles: handles are signed with userHashKey; write it, or leave this out.']
      : []),
    ...(unverifiedTokens && verifiesTokens
      ? ['Setting requests.unverifiedTokens: an HTTP API verifies every token; leave it out.']
      : []),
    ...(sourceGptClaim && !verifiesTokens && !unverifiedTokens
      ? [
          'Setting requests.sourceGptClaim: with Function URLs no token is read; write unverifiedTokens: true, ' +
            'or leave it out.',
        ]
      : []),
  ];
}
