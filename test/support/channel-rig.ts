import { CHANNEL_TYPES, channelSettings } from '../../lambdas/contract/channel-settings.ts';
import type { ChannelAnswer, ChannelRequest } from '../../lambdas/deliver/channels/channel.ts';
import { type OpenChannel, openChannel } from '../../lambdas/deliver/channels/channels.ts';
import type { ReceivedRequest, Receiver } from '../../local/receivers/receiver.ts';
import { createCardWorkflow, reachAt, receivers } from '../../local/receivers/receivers.ts';

/** What must never be written anywhere but where it proves who sends. */
const CANARY = 'CANARY0123456789abcdefSECRET9876';

export interface ChannelRig {
  readonly receiver: Receiver;
  readonly channel: OpenChannel;
  /** The parts of its secret that nothing may repeat. */
  readonly canaries: readonly string[];
  /** Why it lost what it had accepted. */
  readonly losses: () => readonly string[];
}

const KIND_NAMES = [...CHANNEL_TYPES, 'teams, as a card'] as const;
export type KindName = (typeof KIND_NAMES)[number];
export const kindNames: readonly KindName[] = KIND_NAMES;

/** The canary, and the keys of signatures that the secret of a webhook lists. */
const canariesIn = (secret: string): string[] => [...(secret.match(/whsec_[\w+/=]+/g) ?? []), CANARY];

/**
 * A kind of channel with a receiver of its own that stands in for the vendor. Where `serve` serves the receiver, its answer
 * is the host that the channel writes to.
 */
export const createChannelRig = async (
  name: KindName,
  serve?: (receiver: Receiver) => Promise<string>,
): Promise<ChannelRig> => {
  const isCard = name === 'teams, as a card';
  const type = isCard ? 'teams' : name;
  const reachable = (isCard ? createCardWorkflow : receivers[name])(CANARY);
  const { receiver, host } = reachable;
  const served = await serve?.(receiver);
  const { settings, secret } =
    served === undefined
      ? { settings: reachable.settings, secret: reachable.secret(`https://${host}`) }
      : reachAt(type, reachable, served);
  const channel = openChannel({
    type,
    settings: channelSettings[type].parse(settings),
    secret,
    allowPrivateAddresses: served !== undefined,
  });
  const losses = () => ('failedRuns' in receiver ? (receiver.failedRuns as string[]) : []);
  return { receiver, channel, canaries: canariesIn(secret), losses };
};

/** A request as its receiver gets it. */
const toReceived = ({ method, url, headers, body }: ChannelRequest): ReceivedRequest => {
  const { pathname, searchParams } = new URL(url);
  return { method, path: pathname, query: searchParams, headers, body };
};

/** What a receiver answers, as the channel reads it. */
export const askReceiver = async (receiver: Receiver, request: ChannelRequest): Promise<ChannelAnswer> => {
  const { status, headers = {}, body = '' } = await receiver.answer(toReceived(request));
  return { status, headers, body };
};
