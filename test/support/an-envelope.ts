import { gzipSync } from 'node:zlib';

/** What the log subscription hands over. */
export const anEnvelope = (messages: unknown[], messageType = 'DATA_MESSAGE') => {
  const lines = messages.map((message) => (typeof message === 'string' ? message : JSON.stringify(message)));
  const logEvents = lines.map((message, at) => ({ id: String(at), timestamp: at, message }));
  const payload = JSON.stringify({ messageType, owner: '1', logGroup: '/tools', logStream: 's', logEvents });
  return { awslogs: { data: gzipSync(payload).toString('base64') } };
};
