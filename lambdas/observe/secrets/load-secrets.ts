import { MINUTE_MS } from '../../contract/durations.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { type SecretSource, type SecretSources, UNSET_SECRET } from '../../contract/secret-source.ts';
import { MIN_SECRET_LENGTH, rememberSecret } from '../privacy/known-secrets.ts';
import { fetchSecret } from './fetch-secret.ts';

/** The names of secrets, and their values. */
export type Secrets<Secret extends string = string> = Readonly<Record<Secret, string>>;

/**
 * What is thrown for a secret without a usable value: our own fault, which only its authors read. Its name is the
 * failure's type.
 */
function createSecretError(type: 'missing_secret' | 'unreadable_secret', message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { name: type });
}

let sources: SecretSources | undefined;

/** Where a secret is stored, as the function's environment says; undefined where no deployment says it. */
function findSource(name: string): SecretSource | undefined {
  sources ??= (parseJson(process.env.TOOLWATCH_SECRETS ?? '{}') ?? {}) as SecretSources;
  return Object.hasOwn(sources, name) ? sources[name] : undefined;
}

/** The command reads the value from standard input, so that no shell's history contains it. */
function describeRemedy(source: SecretSource): string {
  return 'secret' in source
    ? `Give it one: aws secretsmanager put-secret-value --secret-id ${source.secret} --secret-string file:///dev/stdin`
    : `Give the parameter ${source.parameter} one in Systems Manager.`;
}

/** The text under `field` of the JSON object in `text`, or all of it. */
function selectField(text: string | undefined, source: SecretSource): unknown {
  if (text === undefined || !('secret' in source) || source.field === undefined) return text;
  const object = parseJson(text);
  return typeof object === 'object' && object !== null ? (object as Record<string, unknown>)[source.field] : undefined;
}

/** The value, once it is known to be one. */
function checkValue(name: string, value: unknown, remedy: string): string {
  if (typeof value !== 'string' || value === '' || value === UNSET_SECRET) {
    throw createSecretError('missing_secret', `The secret ${name} has no value. ${remedy}`);
  }
  if (value.length < MIN_SECRET_LENGTH) {
    const needed = 'six characters or more, so that it can be found in texts and left out';
    throw createSecretError('unreadable_secret', `The secret ${name} is too short: it must have ${needed}.`);
  }
  return value;
}

/** Of an SDK's error, such as `AccessDeniedException`. Its message is left out: it may quote a response. */
function nameOf(error: unknown): string {
  return String((error as { name?: unknown } | null)?.name);
}

/** What is stored, by where it is: several secrets may be fields of one. */
type Texts = Map<string, Promise<string | undefined>>;

function fetchOnce(source: SecretSource, texts: Texts): Promise<string | undefined> {
  const place = 'secret' in source ? `secret ${source.secret}` : `parameter ${source.parameter}`;
  const text = texts.get(place) ?? fetchSecret(source);
  texts.set(place, text);
  return text;
}

async function fetchValue(name: string, source: SecretSource, texts: Texts): Promise<string> {
  let text: string | undefined;
  try {
    text = await fetchOnce(source, texts);
  } catch (error) {
    throw createSecretError('unreadable_secret', `The secret ${name} could not be read (${nameOf(error)})`, error);
  }
  return checkValue(name, selectField(text, source), describeRemedy(source));
}

/** Where no deployment says where a secret is stored, as in a test, its value is the environment variable's. */
function loadOne(name: string, texts: Texts): string | Promise<string> {
  const source = findSource(name);
  return source
    ? fetchValue(name, source, texts)
    : checkValue(name, process.env[name], `Set the environment variable ${name}.`);
}

async function load(names: readonly string[]): Promise<Secrets> {
  const texts: Texts = new Map();
  const entries = await Promise.all(names.map(async (name) => [name, await loadOne(name, texts)] as const));
  for (const [, value] of entries) rememberSecret(value);
  return Object.fromEntries(entries);
}

interface Loaded {
  secrets: Promise<Secrets>;
  fetchedAtMs: number;
}
const loaded = new Map<readonly string[], Loaded>();

function startLoading(names: readonly string[]): Promise<Secrets> {
  const secrets = load(names);
  loaded.set(names, { secrets, fetchedAtMs: Date.now() });
  // The next call tries again.
  secrets.catch(() => loaded.delete(names));
  return secrets;
}

/**
 * The values of the secrets of these names, fetched once for each list of names. From then on no text contains them.
 * Rejects, as our own fault, when one has no value or cannot be read.
 */
export function loadSecrets<Secret extends string>(names: readonly Secret[]): Promise<Secrets<Secret>> {
  return loaded.get(names)?.secrets ?? startLoading(names);
}

/** A key that is wrong for good must not be fetched at every call. */
const RENEWAL_INTERVAL_MS = MINUTE_MS;

/**
 * Fetches the values again after a service has refused them, because they may have been rotated; at most once a minute.
 * True when one has changed. The values so far remain when they cannot be fetched.
 */
export async function renewSecrets(names: readonly string[]): Promise<boolean> {
  const current = loaded.get(names);
  if (!current || Date.now() - current.fetchedAtMs < RENEWAL_INTERVAL_MS) return false;
  current.fetchedAtMs = Date.now();
  try {
    const [before, now] = [await current.secrets, await load(names)];
    loaded.set(names, { secrets: Promise.resolve(now), fetchedAtMs: current.fetchedAtMs });
    return names.some((name) => before[name] !== now[name]);
  } catch {
    return false;
  }
}
