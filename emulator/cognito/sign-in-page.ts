import type { UserPool } from './pool.ts';

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const toDocument = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:12vh auto;padding:0 1rem}
button{font:inherit;width:100%;padding:.6rem;margin:.3rem 0;text-align:left;cursor:pointer}small{opacity:.7}</style></head>
<body><h1>${escapeHtml(title)}</h1>${body}</body></html>`;

const groupsOf = (groups: ReadonlySet<string>): string =>
  groups.size > 0 ? ` <small>${escapeHtml([...groups].join(', '))}</small>` : '';

/** The page at which a person of this machine signs in, with one click and without a password. */
export const formatSignInPage = ({ users }: UserPool, action: string): string =>
  toDocument(
    'Sign in',
    users.size === 0
      ? '<p>There is nobody to sign in as: the template has no first user.</p>'
      : `<p>These people exist on this machine. In AWS this page asks for a password.</p>
<form method="post" action="${escapeHtml(action)}">${[...users.values()]
          .map(
            ({ username, email, groups }) =>
              `<button name="username" value="${escapeHtml(username)}">${escapeHtml(email)}${groupsOf(groups)}</button>`,
          )
          .join('')}</form>`,
  );

/** The page that says why nobody can sign in. It leads nowhere: the address it would lead to is not trusted. */
export const formatRefusalPage = (why: string): string =>
  toDocument('This sign-in is refused', `<p>${escapeHtml(why)}</p>`);
