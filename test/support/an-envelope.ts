import { gzipSync } from 'node:zlib';

/** The event that the log subscription sends for these messages. */
export const anEnvelope = (messages: unknown[], messageType = 'DATA_MESSAGE') => {
  const lines = messages.map((message) => (typeof message === 'string' ? message : JSON.stringify(message)));
  const logEvents = lines.map((message, index) => ({ id: String(index), timestamp: index, message }));
  const payload = JSON.stringify({ messageType, owner: '1', logGroup: '/tools', logStream: 's', logEvents });
  return { awslogs: { data: gzipSync(payload).toString('base64') } };
};
