import type { Principal } from '../iam/policy.ts';

/** A signed request, as far as the services read it. */
export interface SignedRequest {
  method: string;
  url: URL;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: Buffer;
}

export interface ApiResponse {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** Answers the operations of one service that the emulator supports; undefined for any other. */
export type ServiceApi = (
  request: SignedRequest,
  principal: Principal,
) => ApiResponse | undefined | Promise<ApiResponse | undefined>;

export const jsonResponse = (body: unknown): ApiResponse => ({ status: 200, body: JSON.stringify(body) });

export const xmlResponse = (body: string, status = 200): ApiResponse => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});

export const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** An element whose content is XML already. */
export const xmlElement = (name: string, content: string): string => `<${name}>${content}</${name}>`;

/** The operation that the AWS JSON protocol names in `x-amz-target`, after the service's prefix. */
export const operationOf = ({ headers }: SignedRequest, prefix: string): string | undefined => {
  const target = headers['x-amz-target'] ?? '';
  return target.startsWith(`${prefix}.`) ? target.slice(prefix.length + 1) : undefined;
};

export const parseJsonBody = ({ body }: SignedRequest): unknown => JSON.parse(body.toString('utf8'));
