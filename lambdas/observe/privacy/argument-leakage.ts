import { redactText } from './redact.ts';

/** A shorter string occurs in messages by coincidence. In characters. */
const MIN_LENGTH = 3;
/** With more strings than this, the message is withheld instead of searched. */
const MAX_STRINGS = 2_000;

/** Every string inside `value`, including keys that the tool did not declare; undefined when there are too many. */
const collectStrings = (value: unknown, declared: ReadonlySet<string>): Set<string> | undefined => {
  const strings = new Set<string>();
  const pending: unknown[] = [value];
  let visited = 0;
  while (pending.length > 0) {
    visited += 1;
    if (visited > MAX_STRINGS || pending.length > MAX_STRINGS) return undefined;
    const current = pending.pop();
    if (typeof current === 'string') {
      if (current.length >= MIN_LENGTH) strings.add(current);
    } else if (Array.isArray(current)) {
      pending.push(...current.slice(0, MAX_STRINGS + 1));
    } else if (typeof current === 'object' && current !== null) {
      for (const [key, item] of Object.entries(current)) {
        if (!declared.has(key)) pending.push(key);
        pending.push(item);
      }
    }
  }
  return strings;
};

/**
 * `text` without secrets and without the strings of `args`, because an error that quotes its arguments must not leak
 * them. Secrets are redacted first, because removing a part of one would hide the rest from redaction; so each string
 * is searched for both as it is and redacted.
 */
export const removeLeakedArguments = (text: string, args: unknown, declared: ReadonlySet<string>): string => {
  const strings = collectStrings(args, declared);
  if (!strings) return '<withheld: too many arguments to search for>';
  let clean = redactText(text);
  for (const string of [...strings].sort((a, b) => b.length - a.length)) {
    for (const form of new Set([string, redactText(string)])) {
      if (clean.includes(form)) clean = clean.replaceAll(form, '<input>');
    }
  }
  return clean;
};
