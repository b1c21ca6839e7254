/** True for the messages a subscription passes on. */
export type Filter = (message: string) => boolean;

const valueAt = (root: unknown, path: string): unknown =>
  path
    .slice(2)
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], root);

/** One comparison with text: `{ $.schema = "toolwatch.v1" }`; `*` at either end of the text stands for anything. */
const COMPARISON = /^\{\s*(\$(?:\.[A-Za-z_]\w*)+)\s*(!?=)\s*"((?:[^"\\]|\\.)*)"\s*\}$/;

const matcher = (wanted: string): ((value: string) => boolean) => {
  const text = wanted.replaceAll('*', '');
  if (wanted.startsWith('*') && wanted.endsWith('*')) return (value) => value.includes(text);
  if (wanted.startsWith('*')) return (value) => value.endsWith(text);
  if (wanted.endsWith('*')) return (value) => value.startsWith(text);
  return (value) => value === wanted;
};

/** Reads a filter pattern, as far as templates here use them: the empty one, and one comparison of a JSON property with text. */
export const parseFilter = (pattern: string): Filter => {
  if (pattern.trim() === '') return () => true;
  const [, path = '', operator, wanted = ''] = COMPARISON.exec(pattern.trim()) ?? [];
  if (!operator) throw new Error(`The local run cannot read the filter pattern ${pattern}`);
  const matches = matcher(wanted);
  return (message) => {
    if (!message.trimStart().startsWith('{')) return false;
    let root: unknown;
    try {
      root = JSON.parse(message);
    } catch {
      return false;
    }
    const value = valueAt(root, path);
    if (typeof value !== 'string') return false;
    return matches(value) === (operator === '=');
  };
};
