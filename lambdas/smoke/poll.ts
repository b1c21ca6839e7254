/** Between the first two attempts, in milliseconds, and twice as long after each up to the longest pause. */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1_000;

/**
 * How long AWS may still refuse what a deployment has just allowed or created, in milliseconds: IAM and the services
 * learn of it in seconds, not at once.
 */
const SETTLING_MS = 30_000;

/** Statuses of requests that were right, but came too early, too late or too often. */
const PASSING_STATUSES = [408, 409, 425, 429];

/** What an error of the AWS SDK, or of a request to the api function, says of itself. */
interface Answered {
  readonly cause?: unknown;
  readonly type?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $retryable?: object;
}

const isObject = (value: unknown): value is Answered => typeof value === 'object' && value !== null;

/** The HTTP status that an error stands for; undefined when there was no answer. */
const statusOf = ({ $metadata, type }: Answered): number | undefined => {
  const [, status] = typeof type === 'string' ? (/^http_(\d{3})$/.exec(type) ?? []) : [];
  return $metadata?.httpStatusCode ?? (status === undefined ? undefined : Number(status));
};

/** Whether a service refused the request itself, so that a repetition will be refused as well. */
export const isRefusal = (error: unknown): boolean => {
  if (!isObject(error)) return false;
  if (isRefusal(error.cause)) return true;
  const status = statusOf(error);
  const isClientError = status !== undefined && status >= 400 && status < 500;
  return isClientError && !PASSING_STATUSES.includes(status) && error.$retryable === undefined;
};

/**
 * Repeats `find` until it finds something or the time is over; undefined when it found nothing. Throws when the last
 * attempt does, and for a refusal as soon as AWS has had the time to learn of what was deployed.
 */
export const pollUntilFound = async <T>(
  find: () => Promise<T | undefined>,
  timeoutMs: number,
): Promise<T | undefined> => {
  const startedAt = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    const elapsedMs = performance.now() - startedAt;
    const isLast = elapsedMs > timeoutMs;
    const result = await find().catch((error: unknown) => {
      if (isLast || (elapsedMs > SETTLING_MS && isRefusal(error))) throw error;
      return undefined;
    });
    if (result !== undefined || isLast) return result;
    await pauseAfter(attempt);
  }
};

/**
 * Sends a request, and again while it is refused, for as long as AWS may need to learn of what was deployed, and not
 * longer than `timeoutMs`. Throws the last refusal, and any other error at once: the request may have taken effect.
 */
export const sendUntilSettled = async <T>(send: () => Promise<T>, timeoutMs: number): Promise<T> => {
  const startedAt = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    const isLast = performance.now() - startedAt > Math.min(timeoutMs, SETTLING_MS);
    try {
      return await send();
    } catch (error) {
      if (isLast || !isRefusal(error)) throw error;
    }
    await pauseAfter(attempt);
  }
};

const pauseAfter = (attempt: number) =>
  new Promise((resolve) => setTimeout(resolve, Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt)));
