import { MINUTE_MS, SECOND_MS } from '../contract/durations.ts';
import { MIN_SECRET_LENGTH, rememberSecret } from '../observe/privacy/known-secrets.ts';
import { loadSecrets, renewSecrets } from '../observe/secrets/load-secrets.ts';

/** Where secrets come from; a test has its own. */
export interface SecretStore {
  /** Rejects where one has no value or cannot be read. */
  load(names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** Fetches them again, at most once a minute; true when one has changed. */
  renew(names: readonly string[]): Promise<boolean>;
}

const STORE: SecretStore = { load: loadSecrets, renew: renewSecrets };

/** A secret that nobody uses any more is believed for so long, and after a failure nothing is asked for so long. */
const MAX_AGE_MS = 5 * MINUTE_MS;
const PAUSE_MS = 10 * SECOND_MS;

/** Why a secret cannot be used. No text of it has any part of the secret. */
export interface SecretProblem {
  readonly problem: string;
}

interface Known {
  readonly names: readonly string[];
  fetchedAtMs: number;
  failed?: { readonly problem: string; readonly atMs: number };
}

/** Each line is a value of its own: while a sender changes over, the secret has the new one and the one before. */
const readLines = (text: string): string[] => text.split('\n').map((line) => line.trim());

/** The secrets of senders, remembered while a function lives, and fetched again now and then. */
export class SendersSecrets {
  private readonly known = new Map<string, Known>();
  private readonly now: () => number;
  private readonly store: SecretStore;

  constructor(now: () => number, store: SecretStore = STORE) {
    this.now = now;
    this.store = store;
  }

  /** The values of the secret of this name, none of them empty. Never rejects. */
  async load(name: string): Promise<readonly string[] | SecretProblem> {
    const known = this.knownOf(name);
    if (known.failed && this.now() - known.failed.atMs < PAUSE_MS) return { problem: known.failed.problem };
    try {
      if (this.now() - known.fetchedAtMs >= MAX_AGE_MS) {
        known.fetchedAtMs = this.now();
        await this.store.renew(known.names);
      }
      const values = readLines((await this.store.load(known.names))[name] ?? '').filter(Boolean);
      if (values.some(({ length }) => length < MIN_SECRET_LENGTH)) {
        throw new Error(`The secret ${name} has a line of less than ${MIN_SECRET_LENGTH} characters.`);
      }
      for (const value of values) rememberSecret(value);
      delete known.failed;
      return values;
    } catch (error) {
      known.failed = { problem: (error as Error).message, atMs: this.now() };
      return { problem: known.failed.problem };
    }
  }

  /** Fetches the secret again, because nothing is signed with what it was; at most once a minute. True when it changed. */
  async renew(name: string): Promise<boolean> {
    const known = this.knownOf(name);
    const hasChanged = await this.store.renew(known.names);
    if (hasChanged) known.fetchedAtMs = this.now();
    return hasChanged;
  }

  private knownOf(name: string): Known {
    const known = this.known.get(name) ?? { names: [name], fetchedAtMs: this.now() };
    this.known.set(name, known);
    return known;
  }
}
