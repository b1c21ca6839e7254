import { PAGE_VIEWS, type PageParameters, type PageView, pageSearch } from '../../lambdas/contract/page-address.ts';

/** What the page shows: a view, and what it is about. */
export interface Address {
  /** Undefined for an address that names no view. */
  readonly view: PageView | undefined;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What a view is given: what is in the address beside its name. */
export type ViewProps = Pick<Address, 'parameters'>;

/** How often the page asks, which goes along from view to view. */
const CARRIED = 'refresh';

/** The address in the part of a URL from the `?` on. */
export const readAddress = (search: string): Address => {
  const { view: name = PAGE_VIEWS[0], ...parameters } = Object.fromEntries(new URLSearchParams(search));
  return { view: PAGE_VIEWS.find((view) => view === name), parameters };
};

/** The URL of a view, from here. */
export const hrefOf = (view: PageView, parameters: PageParameters = {}): string => {
  const carried = new URLSearchParams(location.search).get(CARRIED) ?? undefined;
  return `/${pageSearch(view, { ...parameters, [CARRIED]: carried })}`;
};

const NAVIGATED = 'toolwatch:navigated';

/** Calls back after each change of the address; returns how to stop. */
export const onNavigation = (callback: () => void): (() => void) => {
  addEventListener('popstate', callback);
  addEventListener(NAVIGATED, callback);
  return () => {
    removeEventListener('popstate', callback);
    removeEventListener(NAVIGATED, callback);
  };
};

/** Goes to a URL of this page. */
export const navigate = (href: string): void => {
  history.pushState(null, '', href);
  dispatchEvent(new Event(NAVIGATED));
};
