import { redactText } from './redact.ts';

/** Shorter strings occur in messages by chance. In characters. */
const SHORTEST = 3;
/** More strings than this are not looked for; then the message is withheld. */
const MOST = 2_000;

/** Every string below `value`, keys that the tool did not declare among them; undefined when there are too many. */
const stringsBelow = (value: unknown, declared: ReadonlySet<string>): Set<string> | undefined => {
  const found = new Set<string>();
  const waiting: unknown[] = [value];
  let looked = 0;
  while (waiting.length > 0) {
    looked += 1;
    if (looked > MOST || waiting.length > MOST) return undefined;
    const one = waiting.pop();
    if (typeof one === 'string') {
      if (one.length >= SHORTEST) found.add(one);
    } else if (Array.isArray(one)) {
      waiting.push(...one.slice(0, MOST + 1));
    } else if (typeof one === 'object' && one !== null) {
      for (const [key, item] of Object.entries(one)) {
        if (!declared.has(key)) waiting.push(key);
        waiting.push(item);
      }
    }
  }
  return found;
};

/**
 * `text` without secrets and without the strings of `args`: an error that quotes its arguments must not carry them out.
 * Secrets go first, because a part taken out of one would hide it; so a string is looked for in both of its forms.
 */
export const removeLeakedArguments = (text: string, args: unknown, declared: ReadonlySet<string>): string => {
  const strings = stringsBelow(args, declared);
  if (!strings) return '<withheld: too many arguments to look for>';
  let clean = redactText(text);
  for (const string of [...strings].sort((a, b) => b.length - a.length)) {
    for (const form of new Set([string, redactText(string)])) {
      if (clean.includes(form)) clean = clean.replaceAll(form, '<input>');
    }
  }
  return clean;
};
