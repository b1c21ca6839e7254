import { AWS_TIMEOUTS } from '../../contract/aws-timeouts.ts';
import { MINUTE_MS } from '../../contract/durations.ts';
import type { CustomNoticeMessage } from '../../contract/notices/custom-notice.ts';
import {
  CUSTOM_NOTICE_SCHEMA,
  MAX_LINE,
  MAX_LINES,
  MAX_LINK_TITLE,
  MAX_LINKS,
  MAX_THREAD_KEY,
  MAX_TITLE,
} from '../../contract/notices/notice-limits.ts';
import { toQueueBody } from '../../contract/notices/queue-body.ts';
import { refuse } from '../call/refuse.ts';
import { currentScope, type Scope } from '../call/scope.ts';
import { importClient } from '../import-client.ts';
import { createUuidV7 } from '../line/uuid.ts';
import { redactText, truncate } from '../privacy/redact.ts';

type Sqs = typeof import('@aws-sdk/client-sqs');

/** What else a notice says, and whom it concerns. */
export interface NotifyOptions {
  /** `critical` wakes a person, `warning` waits for the morning, `info` is only shown in channels. Default `warning`. */
  severity?: 'critical' | 'warning' | 'info' | undefined;
  /** What else people must know, most important first: at most eight lines. */
  lines?: readonly string[] | undefined;
  /** Where to look, as https://…: at most four. */
  links?: readonly { title: string; url: string }[] | undefined;
  /** What notices about one thing share, at most 128 characters: they join, and last until one with `resolve`. */
  thread?: string | undefined;
  /** Whether the thing that the thread is about is over. */
  resolve?: boolean | undefined;
}

/** How many notices one process asks for in a minute. */
const MAX_PER_MINUTE = 10;
const SEVERITIES = ['critical', 'warning', 'info'] as const;

let sentAt: number[] = [];

function textOf(value: unknown, limit: number): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? truncate(redactText(value), limit) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function linkOf(value: unknown): { title: string; url: string }[] {
  const { title, url } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (typeof url !== 'string' || !URL.canParse(url)) return [];
  const { protocol, href, host } = new URL(url);
  return protocol === 'https:'
    ? [{ title: textOf(title, MAX_LINK_TITLE) ?? truncate(host, MAX_LINK_TITLE), url: href }]
    : [];
}

function sourceOf(scope: Scope | undefined): CustomNoticeMessage['source'] {
  const { tenant_id, correlation_id } = scope?.incoming.call ?? {};
  const trace_id = scope?.incoming.trace_id;
  return {
    kind: 'tool',
    tool: scope?.operation.name ?? process.env.AWS_LAMBDA_FUNCTION_NAME ?? 'unknown',
    ...(tenant_id && { tenant_id }),
    ...(correlation_id && { correlation_id }),
    ...(trace_id && { trace_id }),
  };
}

/** What is sent; or a sentence that says why nothing is. */
function buildMessage(title: unknown, options: NotifyOptions, scope: Scope | undefined): CustomNoticeMessage | string {
  const { severity = 'warning', lines, links, thread, resolve = false } = options;
  const text = textOf(title, MAX_TITLE);
  if (text === undefined) return 'A notice was not sent, because it has no title.';
  if (!SEVERITIES.includes(severity)) return `A notice was not sent: its severity is one of ${SEVERITIES.join(', ')}.`;
  const hasThread = typeof thread === 'string' && thread !== '' && thread.length <= MAX_THREAD_KEY;
  if (thread !== undefined && !hasThread)
    return `A notice was not sent: its thread is a text of 1 to ${MAX_THREAD_KEY} characters.`;
  if (resolve && !hasThread) return 'A notice was not sent: only a thread can be over.';
  const now = Date.now();
  return {
    schema: CUSTOM_NOTICE_SCHEMA,
    id: createUuidV7(now),
    at: new Date(now).toISOString(),
    title: text,
    severity,
    lines: listOf(lines)
      .slice(0, MAX_LINES)
      .flatMap((line) => textOf(line, MAX_LINE) ?? []),
    links: listOf(links).slice(0, MAX_LINKS).flatMap(linkOf),
    ...(hasThread && { thread }),
    resolve: resolve === true,
    source: sourceOf(scope),
  };
}

function admit(): boolean {
  const now = Date.now();
  sentAt = sentAt.filter((at) => now - at < MINUTE_MS);
  if (sentAt.length >= MAX_PER_MINUTE) return false;
  sentAt.push(now);
  return true;
}

let sender: Promise<(body: string) => Promise<unknown>> | undefined;

/** The client is loaded by the first notice, and loaded again where that did not succeed. */
async function loadSender(QueueUrl: string): Promise<(body: string) => Promise<unknown>> {
  const { SendMessageCommand, SQSClient } = await importClient<Sqs>('@aws-sdk/client-sqs');
  // By the address of the region, which a queue's own address need not be below.
  const client = new SQSClient({ ...AWS_TIMEOUTS, useQueueUrlAsEndpoint: false });
  return (MessageBody) => client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}

const NOT_ALLOWED =
  'A notice was not sent: this function may not notify people. State notifies: true in the facts of the tool.';
const TOO_MANY = `A notice was not sent: a process asks for at most ${MAX_PER_MINUTE} in a minute.`;

/**
 * Notifies people: by e-mail and pager by its severity, and in the channels whose filters let it through. The tool's facts
 * must state `notifies`. Resolves to whether the notifier will get it, within a few seconds; await it, because Lambda
 * stops a process between calls. A secret in a text is left out (not in the address of a link). Never throws and never
 * rejects: what is not sent is counted, and the log says why.
 */
export async function notify(title: string, options: NotifyOptions = {}): Promise<boolean> {
  const scope = currentScope();
  try {
    const queue = process.env.CUSTOM_NOTICES_QUEUE;
    const message = queue ? buildMessage(title, options ?? {}, scope) : NOT_ALLOWED;
    const problem = typeof message === 'string' ? message : undefined;
    if (problem !== undefined || !admit()) {
      refuse(scope, problem ?? TOO_MANY);
      return false;
    }
    sender ??= loadSender(queue ?? '');
    const send = await sender;
    await send(toQueueBody(message as CustomNoticeMessage));
    return true;
  } catch (error) {
    sender = undefined;
    refuse(scope, `A notice was not sent (${error instanceof Error ? error.name : 'unknown'}).`);
    return false;
  }
}
