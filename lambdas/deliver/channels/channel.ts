import type { ChannelSecret } from '../../contract/channel-secrets.ts';
import type { ChannelSettings, ChannelType } from '../../contract/channel-settings.ts';
import type { Notice } from '../../contract/notice.ts';

/**
 * How much of a notice a request shows. A channel that refuses the content of one form gets the next: everything in the
 * channel's own form, the title and the lines as text, the title alone.
 */
export const FORMS = ['rich', 'plain', 'line'] as const;
export type Form = (typeof FORMS)[number];

/** One request over HTTPS. */
export interface ChannelRequest {
  readonly method: 'POST' | 'PATCH';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ChannelAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of it. */
  readonly body: string;
}

/** What an answer means. */
export type Outcome =
  /**
   * The channel has taken it: `posted` when its answer proves that people can see it, else `accepted`. With `reference`, a
   * later notice of the same thread can change the message.
   */
  | { readonly kind: 'posted' | 'accepted'; readonly reference?: string }
  /** The channel refuses this content, and would refuse it again. */
  | { readonly kind: 'unacceptable'; readonly reason: string }
  /** Another attempt may succeed, not before so many milliseconds where the channel says so. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs?: number }
  /** The message of the reference cannot be changed any more: this notice is to be sent once more without it. */
  | { readonly kind: 'unknown-message'; readonly reason: string }
  /** No attempt will succeed until somebody changes the channel or its secret. */
  | { readonly kind: 'dead'; readonly reason: string };

export interface RequestOptions {
  readonly form: Form;
  /** Of the message about the same thread that the channel shows already. */
  readonly reference?: string;
  /** When this attempt is made, in milliseconds since 1970. */
  readonly now: number;
}

/** What one channel of a kind needs to be written to: what everybody may read, and what nobody may. */
export interface ChannelConfig<Type extends ChannelType> {
  readonly settings: ChannelSettings<Type>;
  readonly secret: ChannelSecret<Type>;
}

/** A kind of channel: how it is written to, and what it answers. Pure. */
export interface Channel<Config> {
  /** The least time between two requests that the receiver allows, in milliseconds. */
  readonly minIntervalMs: number;
  /** The request that shows a notice; `undefined` when this channel has nothing to show of it. */
  buildRequest(notice: Notice, config: Config, options: RequestOptions): ChannelRequest | undefined;
  readAnswer(answer: ChannelAnswer, now: number): Outcome;
}
