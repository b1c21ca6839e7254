/** Our own fault. Not a `ToolError`, because a caller must not read the names of our environment variables. */
class MissingSetting extends Error {
  override name = 'missing_setting';

  constructor(names: readonly string[]) {
    super(`Environment variables not set: ${names.join(', ')}`);
  }
}

const known = new Map<readonly string[], Readonly<Record<string, string>>>();

/** The environment variables of these names, read once per list. Throws `MissingSetting` when one is not set. */
export const readSettings = <Setting extends string>(
  names: readonly Setting[] = [],
): Readonly<Record<Setting, string>> => {
  const cached = known.get(names);
  if (cached) return cached as Readonly<Record<Setting, string>>;
  const missing = names.filter((name) => process.env[name] === undefined);
  if (missing.length > 0) throw new MissingSetting(missing);
  const settings = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  known.set(names, settings as Record<string, string>);
  return settings as Readonly<Record<Setting, string>>;
};
