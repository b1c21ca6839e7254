import { type CallToolResult, Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** Both generations of MCP: with a handshake, and without. */
export const GENERATIONS = ['2025-11-25', '2026-07-28'] as const;
export type Generation = (typeof GENERATIONS)[number];

/** Connects a client of the official SDK. */
export const connect = async (url: string, generation: Generation, headers: Record<string, string> = {}) => {
  const client = new Client(
    { name: 'test-client', version: '1.2.3' },
    generation === '2026-07-28' ? { versionNegotiation: { mode: 'auto' } } : {},
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
};

/** The text of a result, as a model reads it. */
export const textOf = (result: CallToolResult): string =>
  result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
