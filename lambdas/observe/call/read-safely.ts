/**
 * Events, contexts and answers are made by others: a property may be missing, of another type, or throw when it is read.
 */

/** A property of anything; undefined when it has none or cannot be read. */
export function readProperty(value: unknown, key: string): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** A text among the properties of anything; undefined when it is missing, empty or no text. */
export function readText(value: unknown, key: string): string | undefined {
  const text = readProperty(value, key);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** True for a list. */
export function isList(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** The items of a list; none when it is no list or cannot be read. */
export function readItems(list: unknown): unknown[] {
  try {
    return isList(list) ? [...list] : [];
  } catch {
    return [];
  }
}

/** The items of a list among the properties of anything. */
export function readList(value: unknown, key: string): unknown[] {
  return readItems(readProperty(value, key));
}

/** The properties of anything; empty when it has none or they cannot be read. */
export function readEntries(value: unknown): [string, unknown][] {
  try {
    return typeof value === 'object' && value !== null ? Object.entries(value) : [];
  } catch {
    return [];
  }
}
