import type { ChannelRequest } from './channel.ts';

interface RequestParts {
  readonly method?: ChannelRequest['method'];
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A request with a body of JSON. */
export const toJsonRequest = ({ method = 'POST', url, headers = {}, body }: RequestParts): ChannelRequest => ({
  method,
  url,
  headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Toolwatch', ...headers },
  body: JSON.stringify(body),
});

/** The size of a body as it is sent. */
export const sizeOf = (body: unknown): number => Buffer.byteLength(JSON.stringify(body));
