/** A parsed route key: `GET /pets/{id}`, `ANY /{proxy+}` or `$default`. */
export interface RouteKey {
  key: string;
  /** `ANY` for every method, also for `$default`. */
  method: string;
  /** Undefined for `$default`. */
  segments: readonly string[] | undefined;
}

export interface Match<Route extends RouteKey> {
  route: Route;
  pathParameters: Record<string, string>;
}

const GREEDY = /^\{([^}]+)\+\}$/;
const VARIABLE = /^\{([^}+]+)\}$/;

const segmentsOf = (path: string): string[] => path.slice(1).split('/');

/** Parses a route key. Throws for text that is not a route key of an HTTP API. */
export const parseRouteKey = (key: string): RouteKey => {
  if (key === '$default') return { key, method: 'ANY', segments: undefined };
  const [, method, path] = /^(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/\S*)$/.exec(key) ?? [];
  if (!method || !path) throw new Error(`${key} is not a route key`);
  return { key, method, segments: segmentsOf(path) };
};

/** The path's parameters for a route; undefined if it does not match. A greedy variable needs at least one character. */
const matchSegments = (
  segments: readonly string[],
  pathSegments: readonly string[],
): Record<string, string> | undefined => {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const greedy = GREEDY.exec(segment)?.[1];
    if (greedy) {
      const rest = pathSegments.slice(index).join('/');
      return rest === '' ? undefined : { ...parameters, [greedy]: rest };
    }
    const value = pathSegments[index];
    const variable = VARIABLE.exec(segment)?.[1];
    if (variable ? !value : segment !== value) return undefined;
    if (variable && value) parameters[variable] = value;
  }
  return segments.length === pathSegments.length ? parameters : undefined;
};

const rankOf = (segment: string): number => {
  if (GREEDY.test(segment)) return 3;
  return VARIABLE.test(segment) ? 2 : 1;
};

/** A key that sorts specific routes first: literals before variables before greedy ones, then a method before `ANY`. */
const sortKeyOf = ({ segments = ['{rest+}'], method, key }: RouteKey): string =>
  [key === '$default' ? 1 : 0, segments.map(rankOf).join(''), method === 'ANY' ? 1 : 0].join('/');

/** The most specific route for a request; undefined when there is none, which the API answers with 404. */
export const matchRoute = <Route extends RouteKey>(
  routes: readonly Route[],
  method: string,
  path: string,
): Match<Route> | undefined => {
  const pathSegments = segmentsOf(path);
  const [best] = routes
    .filter((route) => route.method === 'ANY' || route.method === method)
    .flatMap((route): Match<Route>[] => {
      const pathParameters = route.segments ? matchSegments(route.segments, pathSegments) : {};
      return pathParameters ? [{ route, pathParameters }] : [];
    })
    .sort((a, b) => (sortKeyOf(a.route) < sortKeyOf(b.route) ? -1 : 1));
  return best;
};
