/** What Lambda takes as the answer of a function, in bytes of JSON. */
export const LAMBDA_ANSWER_LIMIT_BYTES = 6_291_556;

/** What the gateway's own answer needs beside a tool's result: the HTTP response and the JSON-RPC message around it. */
const ENVELOPE_BYTES = 16_384;

/**
 * How many bytes a tool's result may take where it is embedded. The gateway's answer is JSON that contains its body as
 * text, so each quote of the result takes two bytes.
 */
export const ANSWER_LIMIT_BYTES = LAMBDA_ANSWER_LIMIT_BYTES - ENVELOPE_BYTES;

/** The bytes of UTF-8 that a JSON text takes as a text inside other JSON. */
export function measureEmbedded(json: string): number {
  return Buffer.byteLength(JSON.stringify(json));
}

/** A character of JSON has at most three bytes, or two and a backslash; the quotes around it are two more. */
const MAX_BYTES_PER_UNIT = 3;

/** True for a result, as JSON, that the gateway can deliver. Small ones are not measured. */
export function fitsInAnswer(json: string): boolean {
  return json.length * MAX_BYTES_PER_UNIT + 2 <= ANSWER_LIMIT_BYTES || measureEmbedded(json) <= ANSWER_LIMIT_BYTES;
}
