import type { Duplex } from 'node:stream';

/** The start of PostgreSQL's protocol, up to authentication: "Message Formats" in its manual. */

export const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
export const CANCEL_REQUEST = 80_877_102;
const MAX_MESSAGE_BYTES = 65_536;

/** Reads exactly `count` bytes; the rest stays in the stream. Rejects when the stream ends before. */
const readBytes = async (stream: Duplex, count: number): Promise<Buffer> => {
  for (;;) {
    const bytes = stream.read(count) as Buffer | null;
    if (bytes?.length === count) return bytes;
    if (bytes || stream.readableEnded || stream.destroyed) throw new Error('the client disconnected');
    await new Promise<void>((resolve, reject) => {
      const proceed = () => {
        stream.off('readable', proceed).off('end', proceed).off('error', reject).off('close', proceed);
        resolve();
      };
      stream.once('readable', proceed).once('end', proceed).once('error', reject).once('close', proceed);
    });
  }
};

/** Reads a client's start-up, cancel or TLS request: its code and the whole message. Declines GSS encryption. */
export const readFirstMessage = async (stream: Duplex): Promise<{ code: number; message: Buffer }> => {
  const head = await readBytes(stream, 8);
  const length = head.readInt32BE(0);
  if (length < 8 || length > MAX_MESSAGE_BYTES) throw new Error('this is not a PostgreSQL client');
  const rest = length > 8 ? await readBytes(stream, length - 8) : Buffer.alloc(0);
  const code = head.readInt32BE(4);
  if (code !== GSS_REQUEST) return { code, message: Buffer.concat([head, rest]) };
  stream.write('N');
  return readFirstMessage(stream);
};

/** The parameters of a start-up message: `user`, `database`, … */
export const parametersOf = (message: Buffer): Record<string, string> => {
  const texts = message.subarray(8).toString('utf8').split('\0');
  const parameters: Record<string, string> = {};
  for (let index = 0; index + 1 < texts.length && texts[index]; index += 2) {
    parameters[texts[index] ?? ''] = texts[index + 1] ?? '';
  }
  return parameters;
};

const encodeMessage = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

/** Asks the client for its password in clear text, which TLS protects, and returns it. */
export const requestPassword = async (stream: Duplex): Promise<string> => {
  stream.write(encodeMessage('R', Buffer.from([0, 0, 0, 3])));
  const head = await readBytes(stream, 5);
  const length = head.readInt32BE(1);
  const isPassword = head.toString('latin1', 0, 1) === 'p';
  if (!isPassword || length > MAX_MESSAGE_BYTES) throw new Error('the client sent no password');
  return (await readBytes(stream, length - 4)).toString('utf8').replace(/\0$/, '');
};

/** Sends a fatal error with PostgreSQL's message and SQLSTATE, and ends the connection. */
export const sendFatalError = (stream: Duplex, sqlstate: string, message: string): void => {
  const fields = ['SFATAL', 'VFATAL', `C${sqlstate}`, `M${message}`].map((field) => `${field}\0`).join('');
  stream.end(encodeMessage('E', Buffer.from(`${fields}\0`)));
};
