import type { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { SECOND_MS } from '../contract/durations.ts';
import type { ReceivedHook } from '../contract/env/hooks.ts';
import { hasKeys, mediaTypeOf, readArguments } from '../contract/jobs/arguments.ts';
import type { AcceptedJob } from '../contract/jobs/job.ts';
import { parseJson } from '../contract/parse-json.ts';
import {
  answerAccepted,
  answerLater,
  answerPing,
  answerProblem,
  answerUnknown,
  answerUnsigned,
  type HookAnswer,
  type Refusal,
} from './answers.ts';
import type { HookRequest, Scheme } from './schemes/scheme.ts';
import { SCHEMES } from './schemes/schemes.ts';
import type { SendersSecrets } from './senders-secrets.ts';
import { toJob } from './to-job.ts';

/** What a function is given of a request to a Function URL or an HTTP API. */
export type HookEvent = Pick<
  APIGatewayProxyEventV2,
  'rawPath' | 'rawQueryString' | 'headers' | 'body' | 'isBase64Encoded'
> & {
  readonly requestContext: Pick<APIGatewayProxyEventV2['requestContext'], 'domainName'> & {
    readonly http: Pick<APIGatewayProxyEventV2['requestContext']['http'], 'method'>;
  };
};

interface ReceiverProps {
  readonly hooks: readonly ReceivedHook[];
  readonly attempts: number;
  readonly secrets: SendersSecrets;
  /** Rejects when the queue does not take the job. */
  readonly send: (job: AcceptedJob) => Promise<void>;
  readonly now: () => number;
  /** Hears of each request of a source whether it was signed as the source signs. */
  readonly onVerified: (source: string, isSigned: boolean) => void;
  /** Hears of each request that could not be taken by our fault. */
  readonly onFailed: () => void;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

interface Refused {
  readonly refusal: Refusal;
  readonly answer: HookAnswer;
}

const refuse = (refusal: Refusal, answer: HookAnswer): Refused => ({ refusal, answer });

const PATH = /^\/hooks\/([a-z][a-z0-9-]{0,39})$/;

const bytesOf = ({ body = '', isBase64Encoded }: HookEvent): number =>
  Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8');

const addressOf = ({ headers, rawPath, rawQueryString, requestContext }: HookEvent): string => {
  const query = rawQueryString ? `?${rawQueryString}` : '';
  return `${headers['x-forwarded-proto'] ?? 'https'}://${requestContext.domainName}${rawPath}${query}`;
};

/** The request, once it is of a form that can be read; else why not. */
const readRequest = (event: HookEvent, hook: ReceivedHook): HookRequest | Refused => {
  if (event.requestContext.http.method !== 'POST') {
    return refuse('method', answerProblem(405, 'Send this with POST.', { allow: 'POST' }));
  }
  if (bytesOf(event) > hook.maxBytes) {
    return refuse('size', answerProblem(413, `The body may have ${hook.maxBytes} bytes at most.`));
  }
  const stated = event.headers['content-type'];
  const mediaType = stated === undefined ? undefined : mediaTypeOf(stated);
  if ((stated !== undefined && mediaType === undefined) || (hook.argument === undefined && !hasKeys(mediaType))) {
    return refuse('content_type', answerProblem(415, 'Send application/json or application/x-www-form-urlencoded.'));
  }
  return {
    headers: event.headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    mediaType,
    url: addressOf(event),
  };
};

/** A time is only believed once it is known who signed it. */
const isStale = ({ signedAt }: Scheme, request: HookRequest, { toleranceSeconds }: ReceivedHook, nowMs: number) =>
  signedAt !== undefined && Math.abs(nowMs / SECOND_MS - (signedAt(request) ?? 0)) > toleranceSeconds;

/** Receives the requests of senders, and makes those that are signed jobs in the queue. */
export class Receiver {
  private readonly props: ReceiverProps;
  private readonly hooks: ReadonlyMap<string, ReceivedHook>;

  constructor(props: ReceiverProps) {
    this.props = props;
    this.hooks = new Map(props.hooks.map((hook) => [hook.source, hook]));
  }

  /** Rejects only by a mistake of our own. */
  async receive(event: HookEvent): Promise<HookAnswer> {
    const hook = this.hooks.get(PATH.exec(event.rawPath)?.[1] ?? '');
    if (!hook) return answerUnknown();
    const outcome = await this.accept(event, hook);
    if (!('refusal' in outcome)) return outcome;
    this.props.logger.info('A hook was refused', { source: hook.source, reason: outcome.refusal });
    return outcome.answer;
  }

  private async accept(event: HookEvent, hook: ReceivedHook): Promise<HookAnswer | Refused> {
    const request = readRequest(event, hook);
    if ('refusal' in request) return request;
    const scheme = SCHEMES[hook.scheme];
    if (scheme.isUnsignedPing?.(request)) return answerPing();
    const isSigned = await this.isSigned(request, scheme, hook);
    if (isSigned === undefined) return answerLater();
    const atMs = this.props.now();
    const isFresh = isSigned && !isStale(scheme, request, hook, atMs);
    this.props.onVerified(hook.source, isFresh);
    if (!isSigned) return refuse('signature', answerUnsigned());
    if (!isFresh) {
      const detail = `It was signed more than ${hook.toleranceSeconds} seconds ago or ahead. Send it again, signed now.`;
      return refuse('stale', answerProblem(401, detail));
    }
    return this.enqueue(request, scheme, hook, atMs);
  }

  /** Undefined where that cannot be known. A secret that fails is fetched once more, since it may have been rotated. */
  private async isSigned(request: HookRequest, scheme: Scheme, hook: ReceivedHook): Promise<boolean | undefined> {
    const isSignedNow = async (): Promise<boolean | undefined> => {
      const values = await this.props.secrets.load(hook.secret);
      const problem =
        'problem' in values ? values.problem : values.map((value) => scheme.findSecretProblem?.(value)).find(Boolean);
      if ('problem' in values || problem !== undefined) {
        this.props.onFailed();
        this.props.logger.error('The secret of a source cannot be used', { source: hook.source, problem });
        return undefined;
      }
      return values.filter((value) => scheme.isSignedWith(request, value)).length > 0;
    };
    const isSigned = await isSignedNow();
    return isSigned === false && (await this.props.secrets.renew(hook.secret)) ? isSignedNow() : isSigned;
  }

  private async enqueue(
    request: HookRequest,
    scheme: Scheme,
    hook: ReceivedHook,
    atMs: number,
  ): Promise<HookAnswer | Refused> {
    const { body: payload, mediaType: contentType } = request;
    const read = readArguments({ payload, contentType, argument: hook.argument });
    if ('problem' in read) return refuse('body', answerProblem(400, read.problem));
    const body = parseJson(payload.toString());
    const deliveryId = scheme.deliveryOf(request, typeof body === 'object' && body !== null ? { ...body } : {});
    const job = toJob(request, { hook, deliveryId, attempts: this.props.attempts, atMs });
    try {
      await this.props.send(job);
    } catch (error) {
      this.props.onFailed();
      this.props.logger.error('The queue did not take a job', { source: hook.source, error: error as Error });
      return answerLater();
    }
    this.props.logger.info('A hook was accepted', {
      source: hook.source,
      job_id: job.job_id,
      delivery_key: job.delivery_key,
    });
    return answerAccepted(job.job_id);
  }
}
