import type { Duplex } from 'node:stream';

/** The little of PostgreSQL's protocol that comes before a connection is the server's: "Message Formats" in its manual. */

export const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
export const CANCEL_REQUEST = 80_877_102;
const LARGEST_FIRST_MESSAGE = 65_536;

/** Exactly so many bytes from the stream; the rest stays in it. Rejects when it ends before. */
export const readBytes = async (stream: Duplex, count: number): Promise<Buffer> => {
  for (;;) {
    const bytes = stream.read(count) as Buffer | null;
    if (bytes?.length === count) return bytes;
    if (bytes || stream.readableEnded || stream.destroyed) throw new Error('the client went away');
    await new Promise<void>((resolve, reject) => {
      const settle = () => {
        stream.off('readable', settle).off('end', settle).off('error', reject).off('close', settle);
        resolve();
      };
      stream.once('readable', settle).once('end', settle).once('error', reject).once('close', settle);
    });
  }
};

/** The next message of a client that has not yet been let in: its code and the whole of it. */
export const readFirst = async (stream: Duplex): Promise<{ code: number; message: Buffer }> => {
  const head = await readBytes(stream, 8);
  const length = head.readInt32BE(0);
  if (length < 8 || length > LARGEST_FIRST_MESSAGE) throw new Error('this is no PostgreSQL client');
  const rest = length > 8 ? await readBytes(stream, length - 8) : Buffer.alloc(0);
  const code = head.readInt32BE(4);
  if (code !== GSS_REQUEST) return { code, message: Buffer.concat([head, rest]) };
  stream.write('N');
  return readFirst(stream);
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

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

/** Asks the client for its password in the clear (TLS is around it), and gives it. */
export const askPassword = async (stream: Duplex): Promise<string> => {
  stream.write(message('R', Buffer.from([0, 0, 0, 3])));
  const head = await readBytes(stream, 5);
  const length = head.readInt32BE(1);
  if (head.toString('latin1', 0, 1) !== 'p' || length > LARGEST_FIRST_MESSAGE) throw new Error('no password came');
  return (await readBytes(stream, length - 4)).toString('utf8').replace(/\0$/, '');
};

/** Tells the client, in PostgreSQL's words and with its SQLSTATE, why it is not let in, and hangs up. */
export const refuse = (stream: Duplex, sqlstate: string, words: string): void => {
  const fields = [`SFATAL`, `VFATAL`, `C${sqlstate}`, `M${words}`].map((field) => `${field}\0`).join('');
  stream.end(message('E', Buffer.from(`${fields}\0`)));
};
