import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { readBody } from '../http-api/payload-v2.ts';
import { type Client, requestedScopes, type UserPool } from './pool.ts';
import type { Tokens } from './tokens.ts';

/** What the endpoints for programs answer: a status and a JSON document, or nothing. */
export interface Answer {
  status: number;
  body?: object;
}

const MAX_BODY_BYTES = 65_536;
const FORM = 'application/x-www-form-urlencoded';

const refuse = (error: string, error_description?: string): Answer => ({
  status: 400,
  body: { error, ...(error_description && { error_description }) },
});

const isSecret = (client: Client, given: string | undefined): boolean => {
  if (client.secret === undefined || given === undefined) return client.secret === given;
  const [expected, actual] = [client.secret, given].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(expected as Buffer, actual as Buffer);
};

/** The id and the secret in a request, from its header or its form. */
const credentialsIn = ({ headers }: IncomingMessage, form: URLSearchParams) => {
  const [, basic] = /^Basic +(.+)$/i.exec(headers.authorization ?? '') ?? [];
  if (basic === undefined) return { id: form.get('client_id'), secret: form.get('client_secret') ?? undefined };
  const [, id = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? [];
  return { id: decodeURIComponent(id), secret: decodeURIComponent(secret) };
};

const findClient = ({ clients }: UserPool, request: IncomingMessage, form: URLSearchParams): Client | undefined => {
  const { id, secret } = credentialsIn(request, form);
  const client = clients.get(id ?? '');
  return client && isSecret(client, secret) ? client : undefined;
};

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

const redeemCode = async (tokens: Tokens, client: Client, form: URLSearchParams): Promise<Answer> => {
  // It is taken even when what follows is wrong: whoever sends a wrong verifier does not get a second try.
  const code = tokens.takeCode(form.get('code') ?? '');
  if (!code || code.grant.client !== client) return refuse('invalid_grant');
  if (code.redirectUri !== form.get('redirect_uri')) return refuse('invalid_grant', 'redirect_uri does not match');
  const verifier = form.get('code_verifier');
  const isProven = code.challenge === undefined ? verifier === null : challengeOf(verifier ?? '') === code.challenge;
  return isProven ? { status: 200, body: await tokens.issue(code.grant) } : refuse('invalid_grant');
};

const issueToMachine = async (tokens: Tokens, client: Client, form: URLSearchParams): Promise<Answer> => {
  const scopes = requestedScopes(client, form);
  if (!scopes.every((scope) => client.scopes.includes(scope))) return refuse('invalid_scope');
  return { status: 200, body: await tokens.issueToMachine(client, scopes) };
};

const refreshTokens = async (tokens: Tokens, client: Client, form: URLSearchParams): Promise<Answer> => {
  const body = await tokens.refresh(client, form.get('refresh_token') ?? '');
  return body ? { status: 200, body } : refuse('invalid_grant');
};

/** The form in a request; undefined for a body of another kind, which Cognito refuses. */
const readForm = async (request: IncomingMessage): Promise<URLSearchParams | undefined> => {
  if (request.headers['content-type']?.split(';')[0]?.trim() !== FORM) return undefined;
  const body = await readBody(request, MAX_BODY_BYTES);
  return body && new URLSearchParams(body.toString());
};

/** POST /oauth2/token */
export const answerTokenRequest = async (tokens: Tokens, request: IncomingMessage): Promise<Answer> => {
  if (request.method !== 'POST') return { status: 405 };
  const form = await readForm(request);
  if (!form) return refuse('invalid_request');
  const client = findClient(tokens.pool, request, form);
  if (!client) return refuse('invalid_client');
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return client.flows.includes('code') ? redeemCode(tokens, client, form) : refuse('unauthorized_client');
    case 'refresh_token':
      return refreshTokens(tokens, client, form);
    case 'client_credentials':
      return client.flows.includes('client_credentials')
        ? issueToMachine(tokens, client, form)
        : refuse('unauthorized_client');
    default:
      return refuse('unsupported_grant_type');
  }
};

/** POST /oauth2/revoke */
export const answerRevocation = async (tokens: Tokens, request: IncomingMessage): Promise<Answer> => {
  if (request.method !== 'POST') return { status: 405 };
  const form = await readForm(request);
  const token = form?.get('token');
  if (!form || !token) return refuse('invalid_request');
  const client = findClient(tokens.pool, request, form);
  if (!client) return refuse('invalid_client');
  if (!client.isRevocable) return refuse('unsupported_token_type');
  tokens.revoke(client, token);
  return { status: 200 };
};
