/** A shorter text occurs in others by coincidence. In characters. */
export const MIN_SECRET_LENGTH = 6;
/** A line of a longer secret, such as a key in PEM format, is a secret itself from this length on. In characters. */
const MIN_LINE_LENGTH = 16;

/** Every text that must not be written, in all forms in which it may occur. */
const forms = new Set<string>();

/** Base64 of `value`, wherever it stands in the bytes that are encoded: without what its neighbours decide. */
function toBase64Forms(value: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor((bytes.length * 8) / 6);
    return (['base64', 'base64url'] as const).map((encoding) => bytes.toString(encoding).slice(first, last));
  });
}

/** Makes `value` a secret that no text may contain, in plain, escaped, percent-encoded or as Base64. */
export function rememberSecret(value: string): void {
  if (forms.has(value)) return;
  const lines = value.split('\n').map((line) => line.trim());
  const parts = lines.length > 1 ? lines.filter(({ length }) => length >= MIN_LINE_LENGTH) : [];
  for (const part of [value, ...parts]) for (const form of [part, ...toBase64Forms(part)]) forms.add(form);
}

/** True once there is a secret to look for. */
export function hasKnownSecrets(): boolean {
  return forms.size > 0;
}

/** Where known secrets stand in `text`, which must be decoded. */
export function findKnownSecrets(text: string): [start: number, end: number][] {
  return [...forms].flatMap((form) => {
    const found: [number, number][] = [];
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length))
      found.push([at, at + form.length]);
    return found;
  });
}

/** True when `json` contains a known secret as a part of a text. */
export function containsKnownSecret(json: string): boolean {
  for (const form of forms) if (json.includes(JSON.stringify(form).slice(1, -1))) return true;
  return false;
}
