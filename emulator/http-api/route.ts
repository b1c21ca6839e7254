/** A route's key, read: `GET /pets/{id}`, `ANY /{proxy+}` or `$default`. */
export interface RouteKey {
  key: string;
  /** `ANY` for every method; of `$default` too. */
  method: string;
  /** Nothing for `$default`. */
  segments: readonly string[] | undefined;
}

export interface Match<Route extends RouteKey> {
  route: Route;
  pathParameters: Record<string, string>;
}

const GREEDY = /^\{([^}]+)\+\}$/;
const VARIABLE = /^\{([^}+]+)\}$/;

const segmentsOf = (path: string): string[] => path.slice(1).split('/');

/** Throws for what is no key of an HTTP API's route. */
export const readRouteKey = (key: string): RouteKey => {
  if (key === '$default') return { key, method: 'ANY', segments: undefined };
  const [, method, path] = /^(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/\S*)$/.exec(key) ?? [];
  if (!method || !path) throw new Error(`${key} is no route key`);
  return { key, method, segments: segmentsOf(path) };
};

/** The parameters a path gives a route; nothing when it is not the route's. A greedy one takes the rest, which must be some. */
const parametersOf = (segments: readonly string[], path: readonly string[]): Record<string, string> | undefined => {
  const parameters: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const greedy = GREEDY.exec(segment)?.[1];
    if (greedy) {
      const rest = path.slice(at).join('/');
      return rest === '' ? undefined : { ...parameters, [greedy]: rest };
    }
    const given = path[at];
    const variable = VARIABLE.exec(segment)?.[1];
    if (variable ? !given : segment !== given) return undefined;
    if (variable && given) parameters[variable] = given;
  }
  return segments.length === path.length ? parameters : undefined;
};

/** Sorts the more particular first: a word before a variable, a variable before a greedy one, a method before any. */
const particularity = ({ segments = ['{rest+}'], method, key }: RouteKey): string =>
  [
    key === '$default' ? 1 : 0,
    segments.map((segment) => (GREEDY.test(segment) ? 3 : VARIABLE.test(segment) ? 2 : 1)).join(''),
    method === 'ANY' ? 1 : 0,
  ].join('/');

/** The most particular route for a request; nothing when there is none, which is answered 404. */
export const matchRoute = <Route extends RouteKey>(
  routes: readonly Route[],
  method: string,
  path: string,
): Match<Route> | undefined => {
  const given = segmentsOf(path);
  const [best] = routes
    .filter((route) => route.method === 'ANY' || route.method === method)
    .flatMap((route): Match<Route>[] => {
      const pathParameters = route.segments ? parametersOf(route.segments, given) : {};
      return pathParameters ? [{ route, pathParameters }] : [];
    })
    .sort((a, b) => (particularity(a.route) < particularity(b.route) ? -1 : 1));
  return best;
};
