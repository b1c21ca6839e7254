const KEY = 'toolwatch-token';

/** The token that was pasted in this tab, where the issuer has no client for this page. */
export const pastedToken = {
  read: (): string | undefined => sessionStorage.getItem(KEY) ?? undefined,
  write: (token: string): void => sessionStorage.setItem(KEY, token),
};
