import { crc32 } from 'node:zlib';

const STRING = 7;

const encodeHeader = (name: string, value: string): Buffer => {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
  const length = Buffer.alloc(2);
  length.writeUInt16BE(valueBytes.length);
  return Buffer.concat([Buffer.from([nameBytes.length]), nameBytes, Buffer.from([STRING]), length, valueBytes]);
};

const toUInt32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** The content type of a stream of such messages. */
export const EVENT_STREAM = 'application/vnd.amazon.eventstream';

/** One message of an event stream, in AWS's binary encoding: lengths, headers, payload, and a checksum of each. */
export const encodeEvent = (type: string, contentType: string, payload: Buffer): Buffer => {
  const headers = Buffer.concat([
    encodeHeader(':event-type', type),
    encodeHeader(':content-type', contentType),
    encodeHeader(':message-type', 'event'),
  ]);
  const lengths = Buffer.concat([toUInt32(16 + headers.length + payload.length), toUInt32(headers.length)]);
  const message = Buffer.concat([lengths, toUInt32(crc32(lengths)), headers, payload]);
  return Buffer.concat([message, toUInt32(crc32(message))]);
};
