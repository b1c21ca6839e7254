import { LONE_SURROGATES } from '../../lambdas/contract/limits.ts';
import { parseJson } from '../../lambdas/contract/parse-json.ts';

/** A request as a receiver gets it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ReceiverAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A message as people see it in a channel. */
export interface ShownMessage {
  readonly title: string;
  readonly lines: readonly string[];
  readonly buttons: readonly { readonly title: string; readonly url: string }[];
  /** In hexadecimal, or the channel's own word. */
  readonly colour?: string | undefined;
  /** What the channel says of it besides: `edited`, `resolved`, `also in the channel`. */
  readonly mark?: string | undefined;
  /** Messages with the same are shown below one another. */
  readonly thread?: string | undefined;
  /** Every address that can be clicked, and who is mentioned. */
  readonly links: readonly string[];
  readonly mentions: readonly string[];
}

/** The messages that a receiver shows, in the order in which they came. */
export class Board {
  private readonly messages = new Map<string, ShownMessage>();
  /** While it is true, everything is taken and nothing is shown. */
  losesAll = false;

  /** Shows a message, or in the place of the one with the same id. */
  show(id: string, message: ShownMessage): void {
    if (!this.losesAll) this.messages.set(id, message);
  }

  find(id: string): ShownMessage | undefined {
    return this.messages.get(id);
  }

  all(): readonly ShownMessage[] {
    return [...this.messages.values()];
  }
}

/** A stand-in for a vendor: it refuses what the real one refuses, and shows what the real one shows. No network. */
export interface Receiver {
  /** Where it is written to, below its origin; with what the address of a real one has for a secret. */
  readonly path: string;
  readonly board: Board;
  answer(request: ReceivedRequest): ReceiverAnswer | Promise<ReceiverAnswer>;
  /** What it answers to one who sends too much. */
  refuseRate(retryAfterSeconds: number): ReceiverAnswer;
}

export const answerJson = (status: number, body: unknown, headers: Record<string, string> = {}): ReceiverAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** What most vendors answer to one who sends too much. */
export const refuseRateByHeader = (retryAfterSeconds: number): ReceiverAnswer => ({
  status: 429,
  headers: { 'retry-after': String(retryAfterSeconds) },
});

const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [key, ...textsIn(child)]);
};

/** The JSON object that a request carries; undefined when it has none, or text that no other program would store. */
export const readJsonObject = ({ headers, body }: ReceivedRequest): Record<string, unknown> | undefined => {
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) return undefined;
  const parsed = parseJson(body);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const isUnstorable = (text: string) => text.includes('\0') || text.search(LONE_SURROGATES) !== -1;
  return textsIn(parsed).some(isUnstorable) ? undefined : { ...parsed };
};

/** The length of a text in code points. */
export const codePointsOf = (text: string): number => [...text].length;
