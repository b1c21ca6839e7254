/**
 * The names of requests, such as `PUT /v1/alert-rules/:name`: a method, and a path in which `:name` is a parameter,
 * percent-encoded.
 */

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** The method and the path of a name. */
export const splitRequestName = <Of extends Method, Path extends string>(name: `${Of} ${Path}`): [Of, Path] =>
  name.split(' ') as [Of, Path];

/** A path with each parameter written another way. */
export const replaceParameters = <Path extends string>(path: Path, write: (parameter: string) => string): Path =>
  path.replace(/:(\w+)/g, (_, parameter: string) => write(parameter)) as Path;

/** A path as people and AWS read it: `/v1/alert-rules/{name}`. */
export const toRoute = <Path extends string>(path: Path): Path => replaceParameters(path, (name) => `{${name}}`);

/** Matches the paths of requests, and finds the values of their parameters, still percent-encoded. */
export const toPathPattern = (path: string): RegExp =>
  new RegExp(`^${replaceParameters(path, (name) => `(?<${name}>[^/]+)`)}$`);
