import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** Ages and times of an answer, which differ each time although what it is about has not changed. */
const CHANGING = /"(?:age_seconds|timestamp|response_time_ms)":[^,}\]]*/g;

/** Identifies what an answer says. It is weak: answers that differ in nothing but their age have the same. */
const etagOf = (body: string): string =>
  `W/"${createHash('sha256').update(body.replace(CHANGING, '')).digest('base64url').slice(0, 22)}"`;

/** The identifiers that the sender has answers with; each may be weak or not. */
const matches = (ifNoneMatch: string, etag: string): boolean =>
  ifNoneMatch === '*' ||
  ifNoneMatch.split(',').some((given) => given.trim().replace(/^W\//, '') === etag.replace(/^W\//, ''));

/**
 * An answer with its identifier; without its body where the sender has the same already (304), and for HEAD. Only what
 * was read with success has one.
 */
export const answerConditionally = (
  { headers: asked = {}, requestContext: { http } }: APIGatewayProxyEventV2,
  { headers, ...result }: APIGatewayProxyStructuredResultV2,
): APIGatewayProxyStructuredResultV2 => {
  const method = http.method.toUpperCase();
  const isHead = method === 'HEAD';
  const withoutBody = { ...result, headers: headers ?? {}, ...(isHead && { body: '' }) };
  if (result.statusCode !== 200 || !(isHead || method === 'GET')) return withoutBody;
  const etag = etagOf(result.body ?? '');
  const given = Object.entries(asked).find(([name]) => name.toLowerCase() === 'if-none-match')?.[1];
  if (given === undefined || !matches(given, etag)) return { ...withoutBody, headers: { ...headers, etag } };
  const { 'content-type': _type, ...others } = headers ?? {};
  return { ...result, statusCode: 304, headers: { ...others, etag }, body: '' };
};
