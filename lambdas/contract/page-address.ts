/**
 * Addresses of the page. Everything is behind the `?`: the front door serves the page at `/` alone, and signing in
 * returns to what is behind the path. Links in notices are made here too, so that they open what the page knows.
 */

/** The views of the page; the first is the one without a name in its address. */
export const PAGE_VIEWS = [
  'now',
  'tool',
  'errors',
  'error',
  'calls',
  'call',
  'providers',
  'incidents',
  'incident',
  'mutes',
  'checks',
  'queues',
  'job',
  'webhooks',
  'rules',
  'limits',
  'deployments',
  'sessions',
  'kpis',
  'adoption',
  'costs',
  'channels',
] as const;
export type PageView = (typeof PAGE_VIEWS)[number];

/** What is in an address beside the view: names, ids, filters and ranges. */
export type PageParameters = Readonly<Record<string, string | number | undefined>>;

/** The part of an address from the `?` on; empty for the first view without parameters. */
export const pageSearch = (view: PageView, parameters: PageParameters = {}): string => {
  const search = new URLSearchParams(view === PAGE_VIEWS[0] ? {} : { view });
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
};
