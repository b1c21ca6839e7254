import { randomBytes, randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import type { Clock } from '../clock.ts';
import type { Client, User, UserPool } from './pool.ts';

/** What a person allowed a client, by signing in. */
export interface Grant {
  readonly client: Client;
  readonly user: User;
  readonly scopes: readonly string[];
  /** In milliseconds. */
  readonly signedInAt: number;
  readonly nonce: string | undefined;
  /** The address of the API that the tokens are for, where the client named one. */
  readonly resource: string | undefined;
  /** The same in all tokens of one sign-in. */
  readonly family: string;
}

/** What waits for a client to ask for tokens. */
export interface Code {
  readonly grant: Grant;
  readonly redirectUri: string;
  /** The S256 challenge; undefined for a client that sent none. */
  readonly challenge: string | undefined;
  readonly expiresAt: number;
}

interface RefreshToken {
  readonly grant: Grant;
  readonly expiresAt: number;
  /** When a newer one was issued in its place. */
  exchangedAt: number | undefined;
}

const SECOND_MS = 1_000;
const CODE_MS = 5 * 60 * SECOND_MS;

/** A random text that nobody can guess. */
export const randomText = (): string => randomBytes(32).toString('base64url');

/** The codes and tokens of one pool. */
export class Tokens {
  private readonly codes = new Map<string, Code>();
  private readonly refreshTokens = new Map<string, RefreshToken>();
  private readonly revoked = new Set<string>();
  readonly pool: UserPool;
  private readonly clock: Clock;

  constructor(pool: UserPool, clock: Clock) {
    this.pool = pool;
    this.clock = clock;
  }

  /** A code for what a person allowed. */
  createCode(code: Omit<Code, 'expiresAt'>): string {
    const text = randomText();
    this.codes.set(text, { ...code, expiresAt: this.clock.now() + CODE_MS });
    return text;
  }

  /** What a code stands for, once; undefined for one that is unknown, used or too old. */
  takeCode(text: string): Code | undefined {
    const code = this.codes.get(text);
    this.codes.delete(text);
    return code && code.expiresAt > this.clock.now() ? code : undefined;
  }

  /** The tokens of a sign-in. */
  async issue(grant: Grant): Promise<Record<string, unknown>> {
    const { client } = grant;
    const refresh_token = randomText();
    const expiresAt = grant.signedInAt + client.refreshSeconds * SECOND_MS;
    this.refreshTokens.set(refresh_token, { grant, expiresAt, exchangedAt: undefined });
    return { ...(await this.signTokens(grant, grant.nonce)), refresh_token };
  }

  /** Newer tokens; undefined for a refresh token that is not accepted. A new one ends when the first one would have. */
  async refresh(client: Client, text: string): Promise<Record<string, unknown> | undefined> {
    const token = this.refreshTokens.get(text);
    const now = this.clock.now();
    if (!token || token.grant.client !== client || token.expiresAt <= now || this.revoked.has(token.grant.family)) {
      return undefined;
    }
    const { rotationGraceSeconds } = client;
    if (rotationGraceSeconds === undefined) return this.signTokens(token.grant, undefined);
    if (token.exchangedAt !== undefined && token.exchangedAt + rotationGraceSeconds * SECOND_MS <= now)
      return undefined;
    token.exchangedAt ??= now;
    return this.issue({ ...token.grant, nonce: undefined });
  }

  /** Ends all tokens of a sign-in. Another client's token stays. */
  revoke(client: Client, text: string): void {
    const token = this.refreshTokens.get(text);
    if (token?.grant.client === client) this.revoked.add(token.grant.family);
  }

  /** The token of a machine. */
  async issueToMachine(client: Client, scopes: readonly string[]): Promise<Record<string, unknown>> {
    const access_token = await this.sign(client.accessSeconds, {
      sub: client.id,
      token_use: 'access',
      scope: scopes.join(' '),
      client_id: client.id,
      version: 2,
    });
    return { access_token, expires_in: client.accessSeconds, token_type: 'Bearer' };
  }

  private async signTokens(grant: Grant, nonce: string | undefined): Promise<Record<string, unknown>> {
    const { client, user, scopes, family, signedInAt, resource } = grant;
    const person = {
      sub: user.sub,
      ...(user.groups.size > 0 && { 'cognito:groups': [...user.groups] }),
      origin_jti: family,
      auth_time: Math.floor(signedInAt / SECOND_MS),
    };
    const access_token = await this.sign(client.accessSeconds, {
      ...person,
      token_use: 'access',
      version: 2,
      client_id: client.id,
      username: user.sub,
      scope: scopes.join(' '),
      ...(resource !== undefined && { aud: resource }),
    });
    const tokens = { access_token, expires_in: client.accessSeconds, token_type: 'Bearer' };
    if (!scopes.includes('openid')) return tokens;
    const id_token = await this.sign(client.idSeconds, {
      ...person,
      token_use: 'id',
      aud: client.id,
      'cognito:username': user.sub,
      ...(scopes.includes('email') && { email: user.email, email_verified: true }),
      ...(nonce !== undefined && { nonce }),
    });
    return { ...tokens, id_token };
  }

  private sign(seconds: number, claims: JWTPayload): Promise<string> {
    const now = Math.floor(this.clock.now() / SECOND_MS);
    const { issuer, privateKey, keyId } = this.pool;
    return new SignJWT({ ...claims, iss: issuer, iat: now, exp: now + seconds, jti: randomUUID() })
      .setProtectedHeader({ alg: 'RS256', kid: keyId })
      .sign(privateKey);
  }
}
