/** Each page is a request, and so many have more than people look at. */
const MAX_PAGES = 10;

export interface FirstPages<Page> {
  readonly pages: readonly Page[];
  /** Why what follows these was not read; absent at the end of the list. */
  readonly error?: unknown;
}

/**
 * The first pages of a list; `after` goes on with the page before. Rejects as the first page does; when a later one
 * fails, those before it remain.
 */
export const readPages = async <Page extends { readonly next: string | null }>(
  read: (after: string | undefined) => Promise<Page>,
): Promise<FirstPages<Page>> => {
  const first = await read(undefined);
  const pages = [first];
  for (let after = first.next; after !== null; after = pages.at(-1)?.next ?? null) {
    if (pages.length === MAX_PAGES) return { pages, error: new Error(`Only the first ${MAX_PAGES} pages are read.`) };
    try {
      pages.push(await read(after));
    } catch (error) {
      return { pages, error };
    }
  }
  return { pages };
};
