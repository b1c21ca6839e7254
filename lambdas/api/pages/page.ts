import { createHash } from 'node:crypto';
import { PAGE_ACCESS, type PageAccess } from '../../contract/page-access.ts';
import type { RouteHandler } from '../route-handler.ts';

/** What a content security policy allows of a document's own scripts or styles. */
export const hashesOf = (html: string, tag: 'script' | 'style'): string =>
  [...html.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, 'g'))]
    .map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    .join(' ');

/** A text as the value of an attribute in double quotes. */
const escapeAttribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** The page's HTML with how it gets a token. */
const withAccess = (html: string, access: PageAccess): string =>
  html.replace(
    '<!-- access -->',
    () => `<meta name="${PAGE_ACCESS}" content="${escapeAttribute(JSON.stringify(access))}">`,
  );

/** Where the page connects to beside its own origin: the issuer that it signs in at. */
const connectedOrigins = (access: PageAccess): string[] =>
  typeof access === 'string' ? [] : [...new Set([new URL(access.issuer).origin, ...access.origins])];

/**
 * Serves the page under a content security policy: only the page's own script and style run, and it connects to this
 * origin and to that of its issuer only.
 */
export const createPageRoute = (html: string, access: PageAccess) => {
  const page = withAccess(html, access);
  const policy = [
    "default-src 'none'",
    `script-src ${hashesOf(html, 'script')}`,
    `style-src ${hashesOf(html, 'style')}`,
    "img-src 'self' data:",
    ["connect-src 'self'", ...connectedOrigins(access)].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return (): Response =>
    new Response(page, {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
        'cache-control': 'no-cache',
        // The address that the issuer returns to has a code in it.
        'referrer-policy': 'no-referrer',
      },
    });
};

/** GET / */
export const getPage: RouteHandler = async ({ servePage }) => servePage();
