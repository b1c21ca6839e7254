/** The pages of a list, to its end; `after` goes on with the page before. */
export const readPages = async <Page extends { readonly next: string | null }>(
  read: (after: string | undefined) => Promise<Page>,
): Promise<Page[]> => {
  const pages: Page[] = [];
  let after: string | undefined;
  do {
    const page = await read(after);
    pages.push(page);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return pages;
};
