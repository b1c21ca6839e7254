import type { ServerResponse } from 'node:http';
import * as z from 'zod';

const metadata = z.object({
  statusCode: z.int().default(200),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
  cookies: z.array(z.string()).default([]),
});

/** What a function writes between an HTTP response's metadata and its body. */
const DELIMITER = Buffer.alloc(8);

/** The response to a request of a Function URL that streams: its metadata come first, and the body as it is written. */
export class StreamedResponse {
  readonly #response: ServerResponse;
  #before = Buffer.alloc(0);
  hasBegun = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  readonly take = (chunk: Buffer): void => {
    if (this.hasBegun) {
      // A client that has gone is not noticed by the function, which runs on.
      if (!this.#response.destroyed) this.#response.write(chunk);
      return;
    }
    this.#before = Buffer.concat([this.#before, chunk]);
    const at = this.#before.indexOf(DELIMITER);
    if (at < 0) return;
    const { statusCode, headers, cookies } = metadata.parse(JSON.parse(this.#before.subarray(0, at).toString('utf8')));
    this.hasBegun = true;
    this.#response.writeHead(statusCode, {
      'content-type': 'application/json',
      ...headers,
      ...(cookies.length > 0 && { 'set-cookie': cookies }),
    });
    this.#response.flushHeaders();
    const body = this.#before.subarray(at + DELIMITER.length);
    if (body.length > 0) this.#response.write(body);
  };

  /** What was written without metadata. */
  unread(): string {
    return this.#before.toString('utf8');
  }

  /** Ends the response; one whose function failed in the middle is broken off. */
  end(hasFailed: boolean): void {
    if (hasFailed) this.#response.destroy();
    else this.#response.end();
  }
}
