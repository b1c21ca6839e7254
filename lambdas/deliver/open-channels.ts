import { createHash } from 'node:crypto';
import { InvalidChannelSecret } from '../contract/channel-secrets.ts';
import type { ChannelSettings } from '../contract/channel-settings.ts';
import type { DeliveredChannel } from '../contract/channels.ts';
import { parseJson } from '../contract/parse-json.ts';
import { MIN_SECRET_LENGTH, rememberSecret } from '../observe/privacy/known-secrets.ts';
import { loadSecrets, renewSecrets } from '../observe/secrets/load-secrets.ts';
import { type OpenChannel, openChannel } from './channels/channels.ts';

/** A channel with its secret. `fingerprint` changes with its settings and with its secret. */
export interface LoadedChannel {
  readonly open: OpenChannel;
  readonly fingerprint: string;
}

/** Why a channel cannot be written to; no text of it contains any part of the secret. */
export interface ChannelProblem {
  readonly problem: string;
  readonly fingerprint: string;
  /** Whether somebody must change something; otherwise AWS may answer later. */
  readonly isLasting: boolean;
}

/** Where secrets come from; a test has its own. */
export interface SecretStore {
  load(names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** Fetches them again, at most once a minute; true when one has changed. */
  renew(names: readonly string[]): Promise<boolean>;
}

const STORE: SecretStore = { load: loadSecrets, renew: renewSecrets };

/** Remembers every text in a value, at any depth: texts of records then do not contain it. */
const rememberTexts = (value: unknown): void => {
  if (typeof value === 'string' && value.length >= MIN_SECRET_LENGTH) rememberSecret(value);
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) rememberTexts(part);
};

const fingerprintOf = ({ type, settings, allowPrivateAddresses }: DeliveredChannel, secret: string): string =>
  createHash('sha256')
    .update(JSON.stringify([type, settings, allowPrivateAddresses, secret]))
    .digest('hex')
    .slice(0, 32);

/** Opens channels with their secrets. */
export class OpenChannels {
  private readonly store: SecretStore;
  /** The store keeps what it has loaded for each of these lists. */
  private readonly names = new Map<string, readonly string[]>();

  constructor(store: SecretStore = STORE) {
    this.store = store;
  }

  /** Never rejects. */
  async load(channel: DeliveredChannel): Promise<LoadedChannel | ChannelProblem> {
    let secret = '';
    try {
      secret = (await this.store.load(this.namesOf(channel)))[channel.secret] ?? '';
      rememberTexts(parseJson(secret));
      const { type, settings, allowPrivateAddresses } = channel;
      const open = openChannel({
        type,
        settings: settings as ChannelSettings<typeof type>,
        secret,
        allowPrivateAddresses,
      });
      return { open, fingerprint: fingerprintOf(channel, secret) };
    } catch (error) {
      const isLasting = error instanceof InvalidChannelSecret || (error as Error).name === 'missing_secret';
      return { problem: (error as Error).message, fingerprint: fingerprintOf(channel, secret), isLasting };
    }
  }

  /** Fetches the secret again. True when it has changed. */
  renew(channel: DeliveredChannel): Promise<boolean> {
    return this.store.renew(this.namesOf(channel));
  }

  private namesOf({ secret }: DeliveredChannel): readonly string[] {
    const known = this.names.get(secret) ?? [secret];
    this.names.set(secret, known);
    return known;
  }
}
