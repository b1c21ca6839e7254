import type { RouteHandler } from '../route-handler.ts';
import { hashesOf } from './page.ts';

/** Serves a document without scripts under a content security policy that runs nothing and loads nothing. */
export const createDocumentRoute = (read: () => string) => {
  let served: { html: string; policy: string } | undefined;
  return (): Response => {
    if (!served) {
      const html = read();
      const allowed = [`style-src ${hashesOf(html, 'style')}`, "base-uri 'none'", "form-action 'none'"];
      served = { html, policy: ["default-src 'none'", ...allowed, "frame-ancestors 'none'"].join('; ') };
    }
    return new Response(served.html, {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': served.policy,
        'cache-control': 'no-cache',
      },
    });
  };
};

/** Serves a document in JSON, which is read once. */
export const createJsonRoute = (read: () => string) => {
  let served: string | undefined;
  return (): Response => {
    served ??= read();
    return new Response(served, { headers: { 'content-type': 'application/json' } });
  };
};

/** GET /reference */
export const getReference: RouteHandler = async ({ serveReference }) => serveReference();

/** GET /v1/openapi.json */
export const getOpenApi: RouteHandler = async ({ serveOpenApi }) => serveOpenApi();
