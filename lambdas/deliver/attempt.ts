import type { Notice } from '../contract/notice.ts';
import { type ChannelAnswer, type ChannelRequest, FORMS, type Form, type Outcome } from './channels/channel.ts';
import type { OpenChannel } from './channels/channels.ts';
import type { SendResult } from './send.ts';

/** One request that was made, and what came of it. */
export interface Attempted {
  readonly form: Form;
  readonly request: ChannelRequest;
  readonly answer: ChannelAnswer | undefined;
  /** Why there was no answer, in a word. */
  readonly failure: string | undefined;
  readonly outcome: Outcome;
  readonly startedAt: number;
  readonly durationMs: number;
}

export interface AttemptParts {
  readonly channel: OpenChannel;
  readonly reference: string | undefined;
  readonly send: (request: ChannelRequest) => Promise<SendResult>;
  /**
   * The channel with its secret fetched once more, after it was refused: it may have been rotated. Undefined when it is
   * the same.
   */
  readonly renew: () => Promise<OpenChannel | undefined>;
  /** Resolves when the next request may begin. */
  readonly pace: () => Promise<void>;
  readonly now: () => number;
  readonly onAttempted: (attempted: Attempted) => void;
}

/** `nothing`: the channel has nothing to show of this notice. */
export type Delivered = Outcome | { readonly kind: 'nothing' };

const outcomeOf = (channel: OpenChannel, { answer, failure }: SendResult, now: number): Outcome => {
  if (answer) return channel.readAnswer(answer, now);
  return { kind: failure.isLasting ? 'dead' : 'later', reason: failure.reason };
};

const attempt = async (
  channel: OpenChannel,
  request: ChannelRequest,
  form: Form,
  parts: AttemptParts,
): Promise<Attempted> => {
  await parts.pace();
  const startedAt = parts.now();
  const begin = performance.now();
  const result = await parts.send(request);
  const durationMs = performance.now() - begin;
  const { answer, failure } = result;
  const outcome = outcomeOf(channel, result, parts.now());
  const attempted = { form, request, answer, failure: failure?.type, outcome, startedAt, durationMs };
  parts.onAttempted(attempted);
  return attempted;
};

const isRefusedSecret = ({ outcome, answer }: Attempted): boolean =>
  outcome.kind === 'dead' && answer !== undefined && (answer.status < 300 || [401, 403].includes(answer.status));

/**
 * Delivers a notice: the richest form first, and where the channel does not take the content, the next one at once. A
 * message that can no longer be changed is written anew, and a secret that is refused is fetched once more. Each of both
 * happens once at most, so that there are few requests.
 */
export const deliverNotice = async (notice: Notice, parts: AttemptParts): Promise<Delivered> => {
  let { channel, reference } = parts;
  let mayRenew = true;
  const forms: Form[] = [...FORMS];
  let last: Outcome = { kind: 'unacceptable', reason: 'The channel takes no form of it' };
  for (let form = forms.shift(); form; form = forms.shift()) {
    const options = { form, now: parts.now(), ...(reference !== undefined && { reference }) };
    const request = channel.buildRequest(notice, options);
    if (!request) return { kind: 'nothing' };
    const attempted = await attempt(channel, request, form, parts);
    last = attempted.outcome;
    if (last.kind === 'unknown-message' && reference !== undefined) {
      reference = undefined;
      forms.unshift(form);
    } else if (mayRenew && isRefusedSecret(attempted)) {
      mayRenew = false;
      const renewed = await parts.renew();
      if (renewed === undefined) return last;
      channel = renewed;
      forms.unshift(form);
    } else if (last.kind !== 'unacceptable') return last;
  }
  return last;
};
