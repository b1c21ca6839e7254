/** True for the messages that a pattern matches. */
export type MessageFilter = (message: string) => boolean;

/** The value at a path such as `$.error.code`. */
export const valueAt = (root: unknown, path: string): unknown =>
  path
    .slice('$.'.length)
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], root);

/**
 * One comparison with text, such as `{ $.level = "ERROR" }`; `*` at either end of the text stands for any characters.
 */
const COMPARISON = /^\{\s*(\$(?:\.[A-Za-z_]\w*)+)\s*(!?=)\s*"((?:[^"\\]|\\.)*)"\s*\}$/;

const createTextMatcher = (pattern: string): ((value: string) => boolean) => {
  const text = pattern.replaceAll('*', '');
  if (pattern.startsWith('*') && pattern.endsWith('*')) return (value) => value.includes(text);
  if (pattern.startsWith('*')) return (value) => value.endsWith(text);
  if (pattern.endsWith('*')) return (value) => value.startsWith(text);
  return (value) => value === pattern;
};

/**
 * Parses a filter pattern. Supported are the empty pattern, and one comparison of a JSON property with text. Throws for
 * any other pattern.
 */
export const parseFilter = (pattern: string): MessageFilter => {
  if (pattern.trim() === '') return () => true;
  const [, path = '', operator, text = ''] = COMPARISON.exec(pattern.trim()) ?? [];
  if (!operator) throw new Error(`The emulator cannot read the filter pattern ${pattern}`);
  const matches = createTextMatcher(text);
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
