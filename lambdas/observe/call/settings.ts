/** Not a `ToolError`, because the caller must not read the names of our environment variables. */
function createMissingSettingError(names: readonly string[]): Error {
  return Object.assign(new Error(`Environment variables not set: ${names.join(', ')}`), { name: 'missing_setting' });
}

const known = new Map<readonly string[], Readonly<Record<string, string>>>();

/** The environment variables of these names, read once per list. Throws when one is not set, which is our own fault. */
export function readSettings<Setting extends string>(
  names: readonly Setting[] = [],
): Readonly<Record<Setting, string>> {
  const cached = known.get(names);
  if (cached) return cached as Readonly<Record<Setting, string>>;
  const missing = names.filter((name) => process.env[name] === undefined);
  if (missing.length > 0) throw createMissingSettingError(missing);
  const settings = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  known.set(names, settings as Record<string, string>);
  return settings as Readonly<Record<Setting, string>>;
}
