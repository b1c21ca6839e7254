import { PAGE_ACCESS, type PageAccess } from '../../lambdas/contract/page-access.ts';
import type { PageSignIn } from '../../lambdas/contract/sign-in.ts';

/** How this page gets a token, as the server wrote it into the page. */
export const readAccess = (): PageAccess => {
  const written = document.querySelector(`meta[name="${PAGE_ACCESS}"]`)?.getAttribute('content');
  return written ? JSON.parse(written) : 'none';
};

/** How people sign in; undefined where they cannot. */
export const readSignIn = (): PageSignIn | undefined => {
  const access = readAccess();
  return typeof access === 'string' ? undefined : access;
};
