import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import type { Message } from './subscription.ts';

/** The limit of a message, with its subject, in bytes. */
const MAX_BYTES = 262_144;
/** ASCII that begins with a letter, a digit or a punctuation mark, in less than 100 characters on one line. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,98}$/;

const invalid = (what: string): AwsError => new AwsError('InvalidParameter', `Invalid parameter: ${what}`);

const messagesByProtocol = z.record(z.string(), z.unknown());

const parseStructure = (text: string): Pick<Message, 'message' | 'byProtocol'> => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  const structure = messagesByProtocol.safeParse(parsed);
  const entries = Object.entries(structure.data ?? {}).filter(([, value]) => typeof value === 'string');
  const byProtocol = Object.fromEntries(entries) as Record<string, string>;
  const { default: message } = byProtocol;
  if (message === undefined) throw invalid('Message Structure - No default entry in JSON message body');
  return { message, byProtocol };
};

/**
 * The message of a Publish request's form. Throws `AwsError` for what SNS refuses: an empty or too long message, a
 * subject with other characters than its documentation allows, and a structure without a default.
 */
export const readPublishRequest = (form: URLSearchParams): Message => {
  const message = form.get('Message') ?? '';
  const subject = form.get('Subject') ?? undefined;
  const structure = form.get('MessageStructure') ?? undefined;
  if (message === '') throw invalid('Empty message');
  if (Buffer.byteLength(message) + Buffer.byteLength(subject ?? '') > MAX_BYTES) throw invalid('Message too long');
  if (subject !== undefined && !SUBJECT.test(subject)) throw invalid('Subject');
  if (structure !== undefined && structure !== 'json') throw invalid('MessageStructure');
  return { subject: subject ?? '', ...(structure ? parseStructure(message) : { message }) };
};
