import type { PageSignIn } from './sign-in.ts';

/** How the page gets a token: by signing in, by a person who pastes one, or not at all. */
export type PageAccess = PageSignIn | 'token' | 'none';

/** The name of the element of the page's HTML that holds `PageAccess`, as JSON. */
export const PAGE_ACCESS = 'toolwatch-access';
