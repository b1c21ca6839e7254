import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { AwsError } from '../aws-error.ts';

/** A person of a pool. */
export interface User {
  readonly username: string;
  readonly sub: string;
  readonly email: string;
  readonly groups: Set<string>;
}

/** Somebody or something that tokens are issued to. */
export interface Client {
  readonly id: string;
  readonly name: string;
  /** Undefined for a public client. */
  readonly secret: string | undefined;
  flows: readonly string[];
  scopes: readonly string[];
  callbackUrls: readonly string[];
  logoutUrls: readonly string[];
  accessSeconds: number;
  idSeconds: number;
  refreshSeconds: number;
  /** How long a refresh token may be sent again after it was exchanged; undefined where none is exchanged. */
  rotationGraceSeconds: number | undefined;
  isRevocable: boolean;
}

export interface UserPool {
  readonly id: string;
  /** The `iss` of its tokens. */
  readonly issuer: string;
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly users: Map<string, User>;
  readonly groups: Set<string>;
  readonly clients: Map<string, Client>;
  /** Scopes of its resource servers, such as `shop/read`. */
  readonly scopes: Map<string, readonly string[]>;
  /** The prefix of its domain, once it has one. */
  domain: string | undefined;
}

/** Letters and digits that follow from a text, as AWS would choose by chance: an id is the same after each start. */
export const idFrom = (text: string, length: number): string =>
  BigInt(`0x${createHash('sha512').update(text).digest('hex')}`)
    .toString(36)
    .slice(0, length);

/** Creates a pool with a key of its own. */
export const createPool = async (id: string, issuer: string): Promise<UserPool> => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keyId = idFrom(`${id}/${Date.now()}`, 20);
  return {
    id,
    issuer,
    keyId,
    privateKey,
    jwk: { ...(await exportJWK(publicKey)), kid: keyId, use: 'sig', alg: 'RS256' },
    users: new Map(),
    groups: new Set(),
    clients: new Map(),
    scopes: new Map(),
    domain: undefined,
  };
};

/** The scopes that a request names; those of its client when it names none. */
export const requestedScopes = ({ scopes }: Client, request: URLSearchParams): readonly string[] => {
  const named = (request.get('scope') ?? '').split(' ').filter(Boolean);
  return named.length > 0 ? named : scopes;
};

const OPENID_SCOPES = ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin'];

/** Whether a pool knows a scope. */
export const knowsScope = ({ scopes }: UserPool, scope: string): boolean =>
  OPENID_SCOPES.includes(scope) || [...scopes.values()].flat().includes(scope);

/** Adds a person to a pool, who signs in with an e-mail address. Throws `AwsError` when it has one of that address. */
export const addUser = (pool: UserPool, email: string): User => {
  const username = email.toLowerCase();
  if (pool.users.has(username)) {
    throw new AwsError('UsernameExistsException', 'An account with the given email already exists.');
  }
  const hex = createHash('sha256').update(`${pool.id}/${username}`).digest('hex');
  const sub = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  const user = { username, email, sub, groups: new Set<string>() };
  pool.users.set(username, user);
  return user;
};

/** Adds a person to a group, and returns the person. Throws `AwsError` when the pool has no such person or group. */
export const addToGroup = (pool: UserPool, username: string, group: string): User => {
  const user = pool.users.get(username.toLowerCase());
  if (!user) throw new AwsError('UserNotFoundException', 'User does not exist.');
  if (!pool.groups.has(group)) throw new AwsError('ResourceNotFoundException', 'Group not found.');
  user.groups.add(group);
  return user;
};
